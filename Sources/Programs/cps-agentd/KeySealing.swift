import Glibc
import KeyFiles
import Logging
import Store

/// The files of the agent's keys, sealed with what the machine gave it for that, where it gave it something.
enum KeySealing {
    static func files() throws -> KeyFiles {
        let environment = getenv("CREDENTIALS_DIRECTORY").map { ["CREDENTIALS_DIRECTORY": String(cString: $0)] } ?? [:]
        do throws(KeyFileError) {
            return KeyFiles(seal: try KeySeal.given(environment))
        } catch {
            throw StartFailure("the seal of the keys: \(error)")
        }
    }

    /// Seals what was written before there was a seal.
    ///
    /// - Parameter isReadOnly: nothing can be written; the keys are then used as they are.
    static func seal(_ folder: String, _ files: KeyFiles, isReadOnly: Bool, logger: Logger) throws(StoreError) {
        guard !isReadOnly else { return }
        do throws(KeyFileError) {
            let count = try files.sealAll(in: folder)
            if count > 0 { logger.notice("keys were sealed", metadata: ["folder": "\(folder)", "count": "\(count)"]) }
        } catch {
            throw .keyFile(error)
        }
    }
}
