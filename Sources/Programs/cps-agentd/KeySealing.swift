import KeyFiles
import Logging
import Primitives
import Store

/// The files of the agent's keys, sealed with what the machine gave it for that, where it gave it something.
enum KeySealing {
    static func files() throws -> KeyFiles {
        do throws(KeyFileError) {
            return KeyFiles(seal: try KeySeal.given(in: PlainFile.credentials))
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
