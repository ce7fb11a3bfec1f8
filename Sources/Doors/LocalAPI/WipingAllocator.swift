internal import Glibc
@_spi(CustomByteBufferAllocator) internal import NIOCore
internal import Platform

/// Memory for what connections receive: overwritten before it is given back, since PINs and passwords pass through it (promise P4).
enum WipingAllocator {
    static let allocator = ByteBufferAllocator(
        allocate: { platform_wiping_allocate($0) },
        reallocate: { platform_wiping_reallocate($0, $1, $2) },
        deallocate: { platform_wiping_free($0) },
        copy: { destination, source, count in destination.copyMemory(from: source, byteCount: count) })
}

extension ByteBuffer {
    /// Overwrites the readable bytes where they lie, also for every other buffer that shares the memory: a receive buffer is kept for
    /// the next read. Writing through a copy would miss them, since buffers copy on write.
    func wipeReadableBytes() {
        withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            explicit_bzero(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }
}
