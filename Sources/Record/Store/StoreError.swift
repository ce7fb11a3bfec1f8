internal import Audit
import GRDB
package import KeyFiles
package import Primitives

/// Why the store did not open, write or read.
package enum StoreError: Error, Hashable, Sendable {
    case file(FileError)
    /// The state folder does not belong to the user that the agent runs as.
    case foreignFolder(path: String)
    /// Another agent uses the state folder; its process id where it could be read.
    case inUse(processID: Int32?)
    /// The database was written by a later version of the agent.
    case newer(found: Int, known: Int)
    /// The file is a database of another program, or none.
    case foreignDatabase
    /// The database contradicts itself; the text says in what.
    case damaged(String)
    /// SQLite refused; its result code and text.
    case database(code: Int32, reason: String)
    /// Too many commits are waiting already; try again later.
    case overloaded
    /// A trace has more bytes than the log takes.
    case traceTooLarge
    /// The disk refused, and the share of the reserve that this could use has no room left.
    case reserveUsedUp
    /// The disk refused, and this person has as much in the reserve as one may have.
    case quotaUsedUp
    /// The disk refused, the reserve is used up, and nobody outside acknowledged the trace.
    case notWitnessed(String)
    /// The reserve holds what cannot be read, and could not be set aside.
    case reserveDamaged(path: String, reason: String)
    /// The file of the key of the log does not hold a key.
    case badKey(path: String)
    /// The file of the key of the log cannot be used.
    case keyFile(KeyFileError)
    /// The keys were made on another machine, says this file beside them.
    case keysOfAnotherMachine(path: String)

    init(_ error: any Error) {
        switch error {
        case let error as StoreError: self = error
        case let error as FileError: self = .file(error)
        case let error as DatabaseError:
            self = .database(code: error.extendedResultCode.rawValue, reason: error.message ?? "no reason given")
        default: self = .damaged(String(describing: error))
        }
    }
}

/// Runs `body` and gives its errors as those of the store.
func storing<Result>(_ body: () throws -> Result) throws(StoreError) -> Result {
    do { return try body() } catch { throw StoreError(error) }
}
