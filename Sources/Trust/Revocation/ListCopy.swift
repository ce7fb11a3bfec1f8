internal import Glibc
internal import Primitives

/// A copy of a list that is made while it is read, so that what is kept is what was checked. A failure is told when it is to be kept;
/// until then it hinders nothing. A copy that is not kept is removed.
final class ListCopy {
    private let draft: String
    private var file: PlainFile?
    private var failure: FileError?

    /// - Parameter draft: where it is written, on the file system where it will be kept; what is there is replaced.
    init(draft: String) {
        self.draft = draft
        do throws(FileError) {
            if unlink(draft) != 0, errno != ENOENT { throw FileError(draft) }
            file = try PlainFile.creating(draft)
        } catch {
            failure = error
        }
    }

    deinit { if file != nil { unlink(draft) } }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard failure == nil else { return }
        do throws(FileError) { try file?.write(bytes) } catch { failure = error }
    }

    /// Puts the copy in the place of `target`: after a crash there is what was there before, or this.
    func keep(as target: String) throws(FileError) {
        if let failure { throw failure }
        try file?.synchronize()
        try PlainFile.move(draft, to: target)
        file = nil
    }
}
