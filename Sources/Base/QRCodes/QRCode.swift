internal import CQREncode

/// A QR code (ISO/IEC 18004) that holds a text, with medium error correction: a quarter of a screen may reflect and it is still read.
package struct QRCode: Hashable, Sendable {
    /// Modules a side, without the quiet zone.
    package let size: Int
    /// Row by row; true is dark.
    private let modules: [Bool]

    /// Light modules that must be around it (§6.3.8).
    package static let quietZone = 4
    /// In bytes; version 40 has room for more.
    package static let longestText = 1024

    package enum Unable: Error, Hashable, Sendable {
        /// Empty, or of more than ``longestText`` bytes.
        case text
        /// The library gave none, for want of memory.
        case library
    }

    package init(_ text: String) throws(Unable) {
        let bytes = Array(text.utf8)
        guard (1...Self.longestText).contains(bytes.count) else { throw .text }
        // Version 0: the smallest that has room.
        guard let code = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else { throw .library }
        defer { QRcode_free(code) }
        size = Int(code.pointee.width)
        // Bit 0 of each byte is the colour; the others say what the module is for.
        modules = UnsafeBufferPointer(start: code.pointee.data, count: size * size).map { $0 & 1 == 1 }
    }

    /// Whether a module is dark; those of the quiet zone and beyond are not.
    package func isDark(row: Int, column: Int) -> Bool {
        (0..<size).contains(row) && (0..<size).contains(column) && modules[row * size + column]
    }

    /// All rows with the quiet zone around them.
    var rows: [[Bool]] {
        let range = -Self.quietZone..<size + Self.quietZone
        return range.map { row in range.map { isDark(row: row, column: $0) } }
    }
}
