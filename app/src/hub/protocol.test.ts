import { expect, test } from 'vitest';
import { ProtocolError, parseHandshake, parseMessage, RecordReader, serialise } from './protocol.ts';

test('An invocation is read with what it needs; headers and unknown fields are passed over.', () => {
  const record =
    '{"type":1,"headers":{"a":"b"},"invocationId":"7","target":"T","arguments":[1,null],"later":true}';
  expect(parseMessage(record)).toEqual({
    type: 1,
    invocationId: '7',
    target: 'T',
    arguments: [1, null],
    hasStreams: false,
  });
});

test('An invocation without an id, or with null for it, is non-blocking.', () => {
  expect(parseMessage('{"type":1,"target":"T","arguments":[]}')).toMatchObject({ invocationId: undefined });
  expect(parseMessage('{"type":1,"invocationId":null,"target":"T","arguments":[]}')).toMatchObject({
    invocationId: undefined,
  });
});

test.each([
  '{"type":6}',
  '{"type":5,"invocationId":"1"}',
  '{"type":2,"invocationId":"1","item":1}',
  '{"type":99}',
])('Nothing is to be done for %s.', (record) => expect(parseMessage(record)).toBeUndefined());

test('A handshake asks for json, version 1, and nothing else will do.', () => {
  expect(() => parseHandshake('{"protocol":"json","version":1}')).not.toThrow();
  for (const record of [
    '{"protocol":"json","version":2}',
    '{"protocol":"json"}',
    '{"protocol":"x","version":1}',
    '{}',
  ]) {
    expect(() => parseHandshake(record)).toThrow(ProtocolError);
  }
});

test('What is serialised is one line of JSON and a separator; a result that is not there is left out.', () => {
  expect(serialise({ type: 3, invocationId: '1', result: undefined })).toBe(
    '{"type":3,"invocationId":"1"}\x1e',
  );
  expect(serialise({ type: 3, invocationId: '1', result: null })).toBe(
    '{"type":3,"invocationId":"1","result":null}\x1e',
  );
  expect(serialise({ type: 1, target: 'tick', arguments: ['a\x1eb'] }).split('\x1e')).toHaveLength(2);
});

test('Records come out the same however their bytes are cut into frames.', () => {
  const text = '{"a":1}\x1e{"é":"\u{1f9ea}"}\x1e\x1e{"c":3}\x1e';
  const whole = ['{"a":1}', '{"é":"\u{1f9ea}"}', '', '{"c":3}'];
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const reader = new RecordReader(100);
    const records: string[] = [];
    for (let at = 0; at < bytes.length; at += size)
      records.push(...reader.push(bytes.subarray(at, at + size)));
    expect(records).toEqual(whole);
  }
});

test('The bound of a record counts bytes of UTF-8, is met exactly, and starts anew with each record.', () => {
  const reader = new RecordReader(4);
  const push = (text: string) => [...reader.push(Buffer.from(text))];
  expect(push('éé\x1eabcd\x1eab')).toEqual(['éé', 'abcd']);
  expect(push('cd')).toEqual([]);
  expect(() => push('e')).toThrow('A message is larger than 4 bytes.');
});
