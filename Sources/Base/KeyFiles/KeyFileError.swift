package import Primitives

/// Why a file that holds a key cannot be used.
package enum KeyFileError: Error, Hashable, Sendable, CustomStringConvertible {
    case file(FileError)
    /// Others than the owner may read it, or the owner is somebody else.
    case exposed(path: String)
    /// It is sealed, and there is no seal to open it with.
    case sealed(path: String)
    /// It is sealed with another seal, or damaged.
    case unopenable(path: String)
    /// The credential that should hold the seal holds something else.
    case badSeal(path: String)

    /// What is wrong and what to do, in English.
    package var description: String {
        switch self {
        case .file(let error): "\(error.path): \(error.reason)"
        case .exposed(let path): "\(path): others than the agent's user may read it, or it is not that user's; mend its owner and mode"
        case .sealed(let path):
            """
            \(path) is sealed, and the agent was given no seal: put back \(KeySeal.sealedCredential), \
            or move the folder of the keys away, and new ones are made
            """
        case .unopenable(let path):
            """
            \(path) was sealed with another seal, or is damaged: put back the seal that it was made with (\(KeySeal.sealedCredential)), \
            or move the folder of the keys away, and new ones are made
            """
        case .badSeal(let path): "\(path) holds no seal: \(KeySeal.length) bytes that only root and the agent's user may read are expected"
        }
    }
}
