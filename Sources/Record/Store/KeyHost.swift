import Audit
import Primitives

/// Which machine the keys of a state folder were made on.
///
/// Two machines that sign with one key could each tell another story in the name of the log, and nobody could tell whose is true. So the
/// folder of the keys names its machine, and whoever finds it on another one does not use it. That is against mistakes (a copied disk, a
/// backup that held keys): who has the keys can write the file too.
package enum KeyHost {
    private static let context = Array("cps-agent keys of machine\n".utf8)

    /// The number of this machine (machine-id(5)); `nil` where it has none, as in an image that has not been started yet.
    package static func machine(_ path: String = "/etc/machine-id") throws(StoreError) -> String? {
        guard PlainFile.exists(path) else { return nil }
        let bytes: [UInt8]
        do throws(FileError) { bytes = try PlainFile.contents(path, limit: 64) } catch { throw .file(error) }
        let digits = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        let isNumber = digits.count == 32 && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isNumber ? String(decoding: digits, as: UTF8.self) : nil
    }

    /// Notes the machine in a folder of keys that names none yet, as a digest: the number itself is confidential.
    ///
    /// - Parameters:
    ///   - folder: of the keys; it is there.
    ///   - machine: its number; without one nothing is compared.
    ///   - isReadOnly: nothing can be written; the folder may then go without.
    /// - Throws: ``StoreError/keysOfAnotherMachine(path:)``.
    package static func settle(_ folder: String, machine: String?, isReadOnly: Bool) throws(StoreError) {
        guard let machine else { return }
        let path = "\(folder)/host"
        let own = Array("\(MerkleHash.leaf(context + Array(machine.utf8)).base64)\n".utf8)
        let noted: [UInt8]
        do throws(FileError) {
            guard PlainFile.exists(path) else {
                if !isReadOnly { try PlainFile.replace(path, own) }
                return
            }
            noted = try PlainFile.contents(path, limit: 128, followsLinks: false)
        } catch {
            throw .file(error)
        }
        guard noted == own else { throw .keysOfAnotherMachine(path: path) }
    }
}
