extension QRCode {
    /// The code as a PNG image (ISO/IEC 15948), one bit a pixel.
    /// - Parameter scale: pixels a module, 1 to 32.
    package func png(scale: Int = 8) -> [UInt8] {
        let scale = min(max(scale, 1), 32)
        let side = (size + 2 * Self.quietZone) * scale
        var lines: [UInt8] = []
        for row in rows {
            // Filter type 0, then the pixels from the highest bit on; 1 is white.
            var line: [UInt8] = [0] + [UInt8](repeating: 0, count: (side + 7) / 8)
            for pixel in 0..<side where !row[pixel / scale] { line[1 + pixel / 8] |= 0x80 >> UInt8(pixel % 8) }
            for _ in 0..<scale { lines += line }
        }
        let size = PNGFile.bytes(UInt32(side))
        return PNGFile.signature + PNGFile.chunk("IHDR", size + size + [1, 0, 0, 0, 0]) + PNGFile.chunk("IDAT", PNGFile.stored(lines))
            + PNGFile.chunk("IEND", [])
    }
}

/// What a PNG file is made of. The pixels are stored as they are: a code on a screen is small.
private enum PNGFile {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// In the order of the network.
    static func bytes(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

    static func chunk(_ name: StaticString, _ content: [UInt8]) -> [UInt8] {
        let named = Array("\(name)".utf8) + content
        return bytes(UInt32(content.count)) + named + bytes(crc32(named))
    }

    /// A zlib stream (RFC 1950) of blocks that are not compressed (RFC 1951 §3.2.4).
    static func stored(_ content: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        let longest = 65_535
        for start in stride(from: 0, to: content.count, by: longest) {
            let block = content[start..<min(start + longest, content.count)]
            let length = UInt16(block.count)
            stream.append(block.endIndex == content.count ? 1 : 0)
            for value in [length, ~length] { stream += [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)] }
            stream += block
        }
        return stream + bytes(adler32(content))
    }

    /// ISO/IEC 15948 annex D.
    private static func crc32(_ content: [UInt8]) -> UInt32 {
        var crc = UInt32.max
        for byte in content {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    /// RFC 1950 §8.2.
    private static func adler32(_ content: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in content {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}
