internal import Primitives

extension BundleVerifier {
    /// The time-stamps in the export, by size; that the authority signed them is for who knows its certificates.
    package func stamps() throws(BundleError) -> [BundleStamp] {
        let place = "\(folder)/\(BundleFile.timestamps)"
        guard PlainFile.exists(place) else { return [] }
        var sizes: [UInt64] = []
        let names: [String]
        do throws(FileError) { names = try FolderNames.all(in: place) } catch { throw .file(error) }
        for name in names {
            guard name.hasSuffix(".tsr"), let size = UInt64(name.dropLast(4)), sizes.count < BundleStamp.most else { continue }
            sizes.append(size)
        }
        var stamps: [BundleStamp] = []
        for size in sizes.sorted() {
            let note = try contents("\(BundleFile.timestamps)/\(size).checkpoint", limit: SignedNote.byteLimit)
            let response = try contents("\(BundleFile.timestamps)/\(size).tsr", limit: BundleStamp.byteLimit)
            stamps.append(BundleStamp(size: size, note: String(decoding: note, as: UTF8.self), response: response))
        }
        return stamps
    }
}
