// MD5 (RFC 1321) of a blob, because it is the digest every S3 service checks a part by, and because browsers have no
// digests at all where the site is plain http. It finds damage on the way; it is no protection against anybody.

const STEP = 1024 * 1024; // hashed at a time: some milliseconds, so that the page stays alive between two
const SINES = Int32Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32) | 0);
const SHIFTS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/** Base64, as the header Content-MD5 wants it. */
export async function md5(blob) {
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  const whole = blob.size - (blob.size % 64);
  for (let from = 0; from < whole; from += STEP) {
    const bytes = await blob.slice(from, Math.min(from + STEP, whole)).arrayBuffer();
    mix(state, new Int32Array(bytes));
  }
  mix(state, await ending(blob, whole));
  return btoa(String.fromCharCode(...new Uint8Array(state.buffer)));
}

/** What is left, a one bit, zeros, and the length in bits: one block or two. */
async function ending(blob, whole) {
  const rest = new Uint8Array(await blob.slice(whole).arrayBuffer());
  const bytes = new Uint8Array(rest.length < 56 ? 64 : 128);
  bytes.set(rest);
  bytes[rest.length] = 0x80;
  const blocks = new Int32Array(bytes.buffer);
  blocks[blocks.length - 2] = blob.size << 3;
  blocks[blocks.length - 1] = Math.floor(blob.size / 2 ** 29);
  return blocks;
}

/** Four rounds of sixteen steps for each block of sixteen words (of a machine that keeps the low byte first: all do). */
function mix(state, blocks) {
  for (let at = 0; at < blocks.length; at += 16) {
    let [a, b, c, d] = state;
    for (let step = 0; step < 64; step += 1) {
      const round = step >> 4;
      let sum;
      if (round === 0) sum = ((b & c) | (~b & d)) + blocks[at + step];
      else if (round === 1) sum = ((d & b) | (~d & c)) + blocks[at + ((5 * step + 1) & 15)];
      else if (round === 2) sum = (b ^ c ^ d) + blocks[at + ((3 * step + 5) & 15)];
      else sum = (c ^ (b | ~d)) + blocks[at + ((7 * step) & 15)];
      sum = (sum + a + SINES[step]) | 0;
      const shift = SHIFTS[round][step & 3];
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
  }
}
