package import SmartCard

/// A data object of the card as its DODF names it (ISO/IEC 7816-15 §8.10). What the bytes mean is not looked at.
package struct DataObject: Hashable, Sendable {
    package enum Value: Hashable, Sendable {
        case bytes([UInt8])
        /// Behind the PIN: listed only.
        case protected
        /// Left out, and why.
        case unreadable(String)
    }

    /// Empty when the entry has none.
    package let label: String
    /// Absolute, from `3F00`, or from the name of the application; `nil` when the entry names none.
    package let path: [UInt8]?
    package let value: Value
}

extension CPSCard {
    /// Most objects that are listed, longest one that is read, and most bytes of all together.
    static let mostDataObjects = 64
    static let longestDataObject = 8192
    static let mostDataBytes = 32_768

    /// The data objects of the contact application, those that are free to read with their bytes. Spends nothing.
    ///
    /// What is damaged is listed with the reason; only a card that cannot be spoken to is an error.
    package func dataObjects(_ content: CardContent) throws(CardError) -> [DataObject] {
        try enterApplication(content)
        var objects: [DataObject] = []
        var total = 0
        for entry in try entries(content) {
            let value = entry.isProtected ? .protected : try value(of: entry, room: Self.mostDataBytes - total)
            if case .bytes(let bytes) = value { total += bytes.count }
            objects.append(DataObject(label: entry.label, path: entry.path, value: value))
        }
        return objects
    }

    /// The data objects behind the PIN, with their bytes; to be called in the transaction that verified it.
    ///
    /// A login has succeeded by then and must not fail for what nobody can interpret yet: should the card stop answering, that is told in
    /// place of the objects left.
    package func protectedDataObjects(_ content: CardContent) -> [DataObject] {
        var objects: [DataObject] = []
        do throws(CardError) {
            var total = 0
            for entry in try entries(content) where entry.isProtected {
                let value = try value(of: entry, room: Self.mostDataBytes - total)
                if case .bytes(let bytes) = value { total += bytes.count }
                objects.append(DataObject(label: entry.label, path: entry.path, value: value))
            }
        } catch {
            objects.append(DataObject(label: "", path: nil, value: .unreadable("reading ended here: \(error)")))
        }
        return objects
    }

    private func entries(_ content: CardContent) throws(CardError) -> [DataObjectEntry] {
        var entries: [DataObjectEntry] = []
        for directory in content.dataDirectories.prefix(8) {
            guard let file = try dialect.file(directory, "DODF") else { continue }
            entries += try PKCS15Parser.dataObjects(file, application: content.application)
        }
        return Array(entries.prefix(Self.mostDataObjects))
    }

    private func value(of entry: DataObjectEntry, room: Int) throws(CardError) -> DataObject.Value {
        guard let path = entry.path else { return .unreadable("its entry names no file") }
        do throws(CardError) {
            guard let file = try dialect.select(path, sized: true) else { return .unreadable("its file is missing") }
            let longest = min(Self.longestDataObject, room)
            guard file.size ?? 0 <= longest else { return .unreadable("its file is too long") }
            let bytes = try dialect.content(size: file.size ?? longest + 1, "data object")
            return bytes.count <= longest ? .bytes(bytes) : .unreadable("its file is too long")
        } catch {
            guard case .unexpectedStatus(let status, _) = error else { throw error }
            return status == .securityStatusNotSatisfied ? .protected : .unreadable("the card answered \(status)")
        }
    }
}
