/** The differences between platforms. */
export interface Platform {
  /** Storage class of the disks; undefined for the cluster's default one. */
  readonly storageClass: string | undefined;
  /** What the database pods are spread over; `none` where there is one machine only. */
  readonly spread: 'hostname' | 'zone' | 'none';
  /** Type of the Service that the app's page is reached by. */
  readonly appService: 'ClusterIP' | 'LoadBalancer';
}

export const PLATFORMS = {
  /** kind, on a laptop. */
  kind: { storageClass: 'standard', spread: 'none', appService: 'ClusterIP' },
  /** Needs the EBS CSI driver, and a storage class of that name: gp3 is not made by EKS itself. */
  eks: { storageClass: 'gp3', spread: 'zone', appService: 'ClusterIP' },
  /** premium-rwo is the SSD class that GKE makes. */
  gke: { storageClass: 'premium-rwo', spread: 'zone', appService: 'ClusterIP' },
  /** Any other conformant cluster. */
  generic: { storageClass: undefined, spread: 'hostname', appService: 'ClusterIP' },
} satisfies Record<string, Platform>;

export type PlatformName = keyof typeof PLATFORMS;
