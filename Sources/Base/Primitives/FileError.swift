import Glibc

/// The system refused to read or write a file.
package struct FileError: Error, Hashable, Sendable {
    package let path: String
    /// What the system said, as `errno`.
    package let number: Int32

    /// There is no such file (ENOENT).
    package static let absent = ENOENT

    package init(_ path: String, _ number: Int32 = errno) {
        self.path = path
        self.number = number
    }

    /// For people.
    package var text: Text { number == EINVAL ? .notRegular : .system(number) }

    /// In English, for logs and for what programs read.
    package var reason: String { text.english }
}
