/**
 * How CockroachDB says that a collection of backups cannot be listed. All come without a code of their own (XXUUU). What stands before the
 * first colon is CockroachDB's (pkg/backup/show.go, pkg/cloud/{nodelocal,amazon,gcp}, pkg/blobs), the rest is of the storage's library.
 */
export const BACKUP_REFUSALS: readonly (readonly [what: string, message: string])[] = [
  [
    'a node that is not there',
    'connect to external storage: failed to create blob client: connecting to node 4: unable to look up descriptor for n4',
  ],
  ['a node without local storage', 'unable to match pattern provided: local file access is disabled'],
  [
    'a folder that may not be read',
    'unable to match pattern provided: open /cockroach/cockroach-data/extern/backups: permission denied',
  ],
  [
    'a bucket of S3 that is not there',
    'failed to list s3 bucket: operation error S3: ListObjectsV2, https response error StatusCode: 404, RequestID: 4B1, HostID: x=, NoSuchBucket: The specified bucket does not exist',
  ],
  [
    'a bucket of S3 that is not there, as older versions say it',
    'failed to list s3 bucket: NoSuchBucket: The specified bucket does not exist\n\tstatus code: 404, request id: 4B1, host id: x=',
  ],
  [
    'a bucket of S3 without access',
    'failed to list s3 bucket: operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: 4B1, HostID: x=, api error AccessDenied: Access Denied',
  ],
  [
    'a host of S3 without an address',
    'failed to list s3 bucket: operation error S3: ListObjectsV2, exceeded maximum number of attempts, 10, https response error StatusCode: 0, RequestID: , HostID: , request send failed, Get "https://b.s3.eu-central-1.amazonaws.com/?prefix=p": dial tcp: lookup b.s3.eu-central-1.amazonaws.com on 10.96.0.10:53: no such host',
  ],
  [
    'no credentials for S3',
    'failed to list s3 bucket: operation error S3: ListObjectsV2, get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata, http response error StatusCode: 404, request to EC2 IMDS failed: not found',
  ],
  [
    'a bucket of Google that is not there',
    'unable to list files in gcs bucket: googleapi: Error 404: The specified bucket does not exist., notFound',
  ],
  ['the same, as its library says it', "unable to list files in gcs bucket: storage: bucket doesn't exist"],
  [
    'a bucket of Google without access',
    "unable to list files in gcs bucket: googleapi: Error 403: x@y.iam.gserviceaccount.com does not have storage.objects.list access to the Google Cloud Storage bucket. Permission 'storage.objects.list' denied on resource (or it may not exist)., forbidden",
  ],
  [
    'a host of Google without an address',
    'unable to list files in gcs bucket: Get "https://storage.googleapis.com/storage/v1/b/b/o?prefix=p": dial tcp: lookup storage.googleapis.com on 10.96.0.10:53: no such host',
  ],
  [
    'no credentials for Google',
    'connect to external storage: failed to create google cloud client: dialing: google: could not find default credentials',
  ],
];
