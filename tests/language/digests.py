# Digests, codes and checksums of bytes.

import hashlib, hmac, base64, binascii, zlib
def attempt(f, *args):
    try:
        r = f(*args)
        return r.hex() if isinstance(r, bytes) else r
    except Exception as e:
        return [type(e).__name__, str(e)]
def digests(t):
    b = t.encode()
    out = []
    for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
        h = hashlib.new(name, b)
        h.update(b"more")
        c = h.copy(); c.update(b"x")
        out.append([h.hexdigest(), c.hexdigest(), h.name, h.digest_size, h.block_size, len(h.digest())])
    out.append(hashlib.sha256(b).hexdigest())
    out.append(hashlib.md5(bytearray(b), usedforsecurity=False).hexdigest())
    out.append(attempt(hashlib.sha1, t))
    k = hmac.new(b"key" * 30, b, hashlib.sha256)
    out.append([k.hexdigest(), k.name, k.digest_size])
    out.append(hmac.new(b"k", b, "md5").hexdigest())
    m = hmac.new(b"k", digestmod="sha1"); m.update(b); m.update(b"!")
    out.append(m.hexdigest())
    out.append(hmac.digest(b"k", b, "sha512").hex())
    out.append(hmac.compare_digest("a", "a"))
    out.append([base64.b64encode(b).decode(), base64.urlsafe_b64encode(b).decode(), base64.b16encode(b).decode(), base64.b64decode(base64.b64encode(b)).decode(), base64.standard_b64encode(b).decode()])
    for s in ("aGVsbG8=", "aGVsbG8", "a", "aGVs=bG8=", "a=b=c=", "====", "aGV\nsbG8=", "YQ==YQ==", "YWI", "!!!", "_-aa"):
        out.append([s, attempt(base64.b64decode, s), attempt(base64.urlsafe_b64decode, s), attempt(binascii.a2b_base64, s)])
    out.append([attempt(binascii.hexlify, b), attempt(binascii.unhexlify, "0aFF"), attempt(binascii.unhexlify, "0aF"), attempt(binascii.unhexlify, "zz"), attempt(bytes.fromhex, "0a ff")])
    out.append([zlib.crc32(b), binascii.crc32(b, 5), zlib.adler32(b), zlib.adler32(b, 77)])
    out.append(attempt(binascii.b2a_base64, b))
    return out

#: digests ["hello"]
#: digests [""]
#: digests ["a longer text, with ünïcode and 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"]
# ---
def translated(text):
    data = text.encode()
    table = bytes.maketrans(b"abc", b"xyz")
    out = [data.translate(table).decode(), data.translate(None, b"aeiou").decode(), data.translate(table, b"l").decode()]
    for wrong in (b"short", None):
        try:
            out.append(bytes.maketrans(b"ab", b"x") if wrong is None else data.translate(wrong))
        except ValueError as error:
            out.append(str(error))
    return out

#: translated ["a cab calls"]
# ---
import base64, binascii, zlib


def checksums(text, start):
    data = text.encode()
    out = [zlib.crc32(data), zlib.crc32(data, start), zlib.adler32(data, start & 0xFFF0FFF), binascii.crc32(data, -start),
           binascii.b2a_base64(data).decode(), binascii.b2a_base64(data, newline=False).decode()]
    return out + [base64.b64decode(base64.b64encode(data)).decode(), binascii.a2b_base64(b"a-b=c$d==").hex()]

#: checksums ["", 0]
#: checksums ["hello", 1]
#: checksums ["The quick brown fox jumps over the lazy dog, twice over", 4294967295]
# ---
import struct


def packed(n, x):
    out = []
    for order in ("<", ">", "!", "=", "@", ""):
        data = struct.pack(order + "bhiq2xIf?d3sc", n, -n, n * 70000, n << 40, n, x, n > 1, -x, b"ab", b"z")
        out += [data.hex(), struct.calcsize(order + "bhiq2xIf?d3sc"), list(map(str, struct.unpack(order + "bhiq2xIf?d3sc", data)))]
    out += [struct.unpack("<Q", b"\xff" * 8)[0], struct.unpack(">Hb", b"\x80\x01\xff"), struct.calcsize("bi"), struct.calcsize("b i 2h"), struct.calcsize("lL")]
    out += [struct.unpack_from("<H", b"\x00\x01\x02\x03", 1), struct.unpack("2s1s", b"abc")[0].hex(), struct.pack(">3h", 1, True, -3).hex(), struct.pack("<d", n).hex()]
    return out

#: packed [3, 2.5]
#: packed [100, -0.0]
