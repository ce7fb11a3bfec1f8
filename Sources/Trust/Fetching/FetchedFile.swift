internal import Dispatch
internal import NIOCore
internal import Primitives
internal import Synchronization

/// A new file that is written off the cooperative pool, part by part.
final class FetchedFile: Sendable {
    private let file: Mutex<PlainFile>
    private static let queue = DispatchQueue(label: "fetched lists")

    init(_ path: String) throws(FileError) { file = Mutex(try PlainFile.creating(path)) }

    func write(_ part: ByteBuffer) async throws(FileError) {
        try await Self.queue.perform { self.append(part) }.get()
    }

    private func append(_ part: ByteBuffer) -> Result<Void, FileError> {
        file.withLock { file in
            part.withUnsafeReadableBytes { bytes in
                do throws(FileError) { return .success(try file.write(bytes)) } catch { return .failure(error) }
            }
        }
    }
}
