import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';

/** Real recordings and rules that lie beside the checkout; they are never part of it. */
const siem = path.resolve(import.meta.dirname, '../../../shared/data/siem');

export const sigmaRules = path.join(siem, 'sigma/sigma-rules-dev.zip');
export const hasSharedData = existsSync(sigmaRules);

/** One file out of the archive of EVTX samples, written to a temporary folder; returns its path. */
export function evtxSample(name: string): string {
  const target = path.join(mkdtempSync(path.join(os.tmpdir(), 'cybershield-evtx-')), path.basename(name));
  writeFileSync(target, entry(readFileSync(path.join(siem, 'evtx/evtx-samples-dev.zip')), name));
  return target;
}

/** Reads one entry of a zip by way of its central directory (APPNOTE 4.3.12). */
function entry(zip: Buffer, wanted: string): Buffer {
  let end = zip.length - 22;
  while (end > 0 && zip.readUInt32LE(end) !== 0x06054b50) end--;
  let at = zip.readUInt32LE(end + 16);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (name.endsWith(wanted)) {
      const local = zip.readUInt32LE(at + 42);
      const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const packed = zip.subarray(from, from + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === 0 ? packed : zlib.inflateRawSync(packed);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`The archive has no ${wanted}`);
}
