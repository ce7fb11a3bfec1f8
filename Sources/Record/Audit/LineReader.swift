import Glibc
internal import Primitives

/// Reads a file of any size line by line in flat memory: 64 KiB at a time, no line longer than a trace may be.
struct LineReader: ~Copyable {
    enum Failure: Error {
        case file(FileError)
        case line(TraceFault)
    }

    private static let block = 65_536

    private let file: PlainFile
    private let buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    private var atEnd = false

    init(_ path: String) throws(FileError) {
        file = try PlainFile.reading(path)
        buffer = .allocate(byteCount: TraceDraft.byteLimit + 1 + Self.block, alignment: 16)
    }

    deinit { buffer.deallocate() }

    /// Lends the next line, its newline left out; `nil` at the end of the file.
    mutating func next<Result>(_ body: (UnsafeRawBufferPointer) throws(TraceFault) -> Result) throws(Failure) -> Result? {
        var searched = start
        while true {
            if let newline = newline(from: searched) {
                let line = UnsafeRawBufferPointer(rebasing: buffer[start..<newline])
                start = newline + 1
                guard line.count <= TraceDraft.byteLimit else { throw .line(.tooLong) }
                do { return try body(line) } catch { throw .line(error) }
            }
            if atEnd {
                guard start == end else { throw .line(.cutShort) }
                return nil
            }
            guard end - start <= TraceDraft.byteLimit else { throw .line(.tooLong) }
            searched = end - start
            try fill()
        }
    }

    private func newline(from position: Int) -> Int? {
        guard position < end, let base = buffer.baseAddress,
            let found = memchr(base + position, 0x0A, end - position)
        else { return nil }
        return found - base
    }

    /// Moves the unread bytes to the front and reads one block after them.
    private mutating func fill() throws(Failure) {
        if let base = buffer.baseAddress, start > 0 { memmove(base, base + start, end - start) }
        end -= start
        start = 0
        do {
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end..<(end + Self.block)]))
            end += count
            atEnd = count == 0
        } catch {
            throw .file(error)
        }
    }
}
