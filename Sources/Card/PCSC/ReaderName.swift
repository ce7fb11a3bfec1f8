/// The names of readers as text. Drivers may name them in any bytes, and PC/SC wants the same bytes back.
enum ReaderName {
    /// What is no UTF-8 stands as one character of this private row, `U+EE00` and the byte.
    private static let odd: UInt32 = 0xEE00

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var scalars = String.UnicodeScalarView()
        for byte in bytes {
            let scalar = byte < 0x80 ? UInt32(byte) : odd + UInt32(byte)
            if let scalar = Unicode.Scalar(scalar) { scalars.append(scalar) }
        }
        return String(scalars)
    }

    /// With the zero that ends a C string.
    static func bytes(_ text: String) -> [CChar] {
        guard text.unicodeScalars.contains(where: isOdd) else { return Array(text.utf8CString) }
        let bytes = text.unicodeScalars.flatMap { scalar in
            isOdd(scalar) ? [UInt8(truncatingIfNeeded: scalar.value)] : Array(String(scalar).utf8)
        }
        return bytes.map { CChar(bitPattern: $0) } + [0]
    }

    private static func isOdd(_ scalar: Unicode.Scalar) -> Bool { (odd + 0x80...odd + 0xFF).contains(scalar.value) }
}
