internal import Primitives

/// Code points that must leave no copy, as ``Secret`` is for bytes.
struct SecretScalars: ~Copyable, Sendable {
    private let storage: Secret
    let count: Int

    private static let stride = MemoryLayout<UInt32>.stride

    /// Room for so many, of which `fill` says how many it wrote; what is left over is wiped with the rest.
    init(room: Int, _ fill: (UnsafeMutableBufferPointer<UInt32>) -> Int) {
        var count = 0
        storage = Secret(count: room * Self.stride) { count = fill($0.bindMemory(to: UInt32.self)) }
        self.count = count
    }

    subscript(index: Int) -> UInt32 {
        storage.withBytes { $0.loadUnaligned(fromByteOffset: index * Self.stride, as: UInt32.self) }
    }

    /// The properties of a code point.
    func properties(_ index: Int) -> Unicode.Scalar.Properties { (Unicode.Scalar(self[index]) ?? "\u{FFFD}").properties }

    /// From the first letter to the last one.
    var trimmed: SecretScalars {
        var (first, last) = (0, count)
        while first < last, !properties(first).isAlphabetic { first += 1 }
        while last > first, !properties(last - 1).isAlphabetic { last -= 1 }
        return SecretScalars(room: last - first) { room in
            for index in 0..<(last - first) { room[index] = self[first + index] }
            return last - first
        }
    }

    var utf8: Secret {
        var size = 0
        for index in 0..<count { size += Unicode.Scalar(self[index])?.utf8.count ?? 0 }
        return Secret(count: size) { bytes in
            var offset = 0
            for index in 0..<count {
                guard let scalar = Unicode.Scalar(self[index]) else { continue }
                for byte in scalar.utf8 {
                    bytes[offset] = byte
                    offset += 1
                }
            }
        }
    }
}
