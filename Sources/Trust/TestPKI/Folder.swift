import Glibc
import Primitives

/// Files of a test hierarchy; nothing else touches the disk in this room.
struct Folder: Sendable {
    let path: String

    private static let largest = 1 << 20

    func subfolder(_ name: String) -> Folder { Folder(path: "\(path)/\(name)") }

    /// Makes the folder, and those above it, unless it is there.
    func create(mode: mode_t) throws(TestPKIError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else { throw refused(path) }
        try Folder(path: String(path[..<slash])).create(mode: 0o755)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw refused(path) }
    }

    func holds(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }

    /// A file of at most one megabyte.
    func read(_ name: String) throws(TestPKIError) -> [UInt8] {
        let file = "\(path)/\(name)"
        do throws(FileError) {
            return try PlainFile.contents(file, limit: Self.largest)
        } catch {
            throw error.number == EFBIG ? .malformed(path: file) : .file(path: file, reason: error.reason)
        }
    }

    /// Replaces a file as a whole: readers see the old content or the new one.
    func write(_ content: [UInt8], to name: String, mode: mode_t = 0o644) throws(TestPKIError) {
        let file = "\(path)/\(name)"
        let draft = "\(path)/.\(name).new"
        let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw refused(draft) }
        let written = Glibc.write(descriptor, content, content.count)
        guard close(descriptor) == 0, written == content.count, rename(draft, file) == 0 else { throw refused(file) }
    }

    private func refused(_ path: String) -> TestPKIError { .file(path: path, reason: String(cString: strerror(errno))) }
}
