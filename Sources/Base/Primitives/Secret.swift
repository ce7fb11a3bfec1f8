import Glibc

/// Bytes that must leave no copy: a PIN, a password, a command APDU that carries one (promise P4).
///
/// Allocated once at its final size, locked against swapping where the limits allow it, wiped when it ends. It cannot be copied,
/// compared, printed or encoded; it is read only inside ``withBytes(_:)``.
package struct Secret: ~Copyable, @unchecked Sendable {
    // Sendable: the storage has one owner, this value, and is written only before `init` returns.
    private let start: UnsafeMutableRawPointer
    package let count: Int

    /// Room for `count` bytes, all zero, that `fill` then writes.
    package init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        start = .allocate(byteCount: max(count, 1), alignment: 1)
        self.count = count
        // Refused under a small RLIMIT_MEMLOCK; the bytes are then swappable for their short life but still wiped.
        _ = mlock(start, max(count, 1))
        let bytes = UnsafeMutableRawBufferPointer(start: start, count: count)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        fill(bytes)
    }

    /// Copies `bytes`; whoever holds the original wipes it.
    package init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    package borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    deinit {
        explicit_bzero(start, max(count, 1))
        _ = munlock(start, max(count, 1))
        start.deallocate()
    }
}

/// Overwrites bytes that held a secret; the compiler may not leave it out.
package func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { buffer in
        if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
    }
}
