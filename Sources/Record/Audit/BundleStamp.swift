/// A time-stamp of a checkpoint in an export (RFC 3161).
package struct BundleStamp: Hashable, Sendable {
    /// Of the checkpoint.
    package let size: UInt64
    /// The checkpoint as it was signed: what is stamped.
    package let note: String
    /// TimeStampResp in DER (RFC 3161 §2.4.2).
    package let response: [UInt8]

    package init(size: UInt64, note: String, response: [UInt8]) {
        self.size = size
        self.note = note
        self.response = response
    }

    /// - Parameter token: TimeStampToken in DER; the answer around it says that it was granted.
    package init(size: UInt64, note: String, token: [UInt8]) {
        let content = [0x30, 0x03, 0x02, 0x01, 0x00] + token
        self.init(size: size, note: note, response: [0x30] + Self.length(content.count) + content)
    }

    /// X.690 §8.1.3.
    private static func length(_ count: Int) -> [UInt8] {
        if count < 0x80 { return [UInt8(count)] }
        var bytes: [UInt8] = []
        var rest = count
        while rest > 0 {
            bytes.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(bytes.count)] + bytes
    }

    static let byteLimit = 65_536
    /// The most that are read from an export.
    static let most = 64
}
