internal import Glibc
internal import OpenSSL
internal import Primitives

/// Bytes of a file in order, read in blocks and hashed on the way: a list of many megabytes is never in memory as a whole.
final class BlockReader {
    private let file: PlainFile
    /// What is read is written there too.
    private let copy: ListCopy?
    /// Bytes read so far.
    private var read = 0
    private var buffer: [UInt8]
    private var start = 0
    private var end = 0
    /// Bytes taken since the beginning of the file.
    private(set) var position = 0
    /// Size of the file when it was opened.
    let size: Int

    /// Where what is taken goes besides; bytes taken before are in ``recorded``.
    private var digest: StreamedDigest?
    private var recorded: [UInt8] = []
    private var isRecording = false

    private static let blockSize = 262_144

    init(path: String, largest: Int, copy: ListCopy?) throws(RevocationListError) {
        do throws(FileError) {
            file = try PlainFile.reading(path)
            size = Int(try file.identity().size)
        } catch {
            throw .unreadable(error.reason)
        }
        guard size <= largest else { throw .tooLarge }
        self.copy = copy
        buffer = [UInt8](repeating: 0, count: Self.blockSize)
    }

    /// The next `count` bytes, which stay to be taken.
    func peek(_ count: Int) throws(RevocationListError) -> ArraySlice<UInt8> {
        try fill(count)
        return buffer[start..<start + count]
    }

    func take(_ count: Int) throws(RevocationListError) -> [UInt8] {
        let bytes = Array(try peek(count))
        try skip(count)
        return bytes
    }

    /// Moves over bytes that were peeked at.
    func skip(_ count: Int) throws(RevocationListError) {
        guard count <= end - start else { throw .malformed("it ends too early") }
        if isRecording { recorded += buffer[start..<start + count] }
        if let digest {
            do throws(OpenSSLError) { try digest.update(buffer, start..<start + count) } catch { throw .unreadable(error.reason) }
        }
        start += count
        position += count
    }

    // MARK: Hashing

    /// Keeps what is taken from here on until ``hash(by:)`` says how it is hashed.
    func record() { isRecording = true }

    /// Hashes what was recorded, and all that is taken from here on.
    func hash(by algorithm: StreamedDigest.Algorithm) throws(RevocationListError) {
        do throws(OpenSSLError) {
            let digest = try StreamedDigest(algorithm)
            try digest.update(recorded, recorded.startIndex..<recorded.endIndex)
            self.digest = digest
        } catch {
            throw .unreadable(error.reason)
        }
        isRecording = false
        recorded = []
    }

    /// The digest; what is taken from here on is not in it.
    func finishHash() throws(RevocationListError) -> [UInt8] {
        defer { digest = nil }
        do throws(OpenSSLError) { return try digest?.finish() ?? [] } catch { throw .unreadable(error.reason) }
    }

    private func fill(_ count: Int) throws(RevocationListError) {
        guard count > end - start else { return }
        guard count <= Self.blockSize else { throw .malformed("an element is too long") }
        buffer.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { memmove(base, base + start, end - start) }
        }
        (start, end) = (0, end - start)
        while end - start < count {
            let got = try readBlock()
            guard got > 0 else { throw .malformed("it ends too early") }
            end += got
        }
    }

    /// Fills the buffer behind `end`; 0 at the end of the file, or of what was its end when it was opened.
    private func readBlock() throws(RevocationListError) -> Int {
        let limit = min(buffer.count - end, size - read)
        guard limit > 0 else { return 0 }
        let place = end
        let result: Result<Int, FileError> = buffer.withUnsafeMutableBytes { bytes in
            let free = UnsafeMutableRawBufferPointer(rebasing: bytes[place..<place + limit])
            do throws(FileError) {
                let count = try file.read(into: free)
                copy?.append(UnsafeRawBufferPointer(rebasing: free[..<count]))
                return .success(count)
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let count):
            read += count
            return count
        case .failure(let error): throw .unreadable(error.reason)
        }
    }
}
