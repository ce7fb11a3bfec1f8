import SmartCard

/// The data objects of the card: what is free to read, what only the holder's code opens, and the one that may be written.
///
/// The layout inside real objects is not published; here each is a SEQUENCE of UTF8Strings.
struct DataObjects: Sendable {
    let description: CardDescription
    let layout: CardLayout

    private var free: [(label: String, file: UInt16, fields: [String])] {
        [
            ("CPS_ID_CARD", layout.freeObjects, ["8025000001", description.cardNumber]),
            ("CPS_NAME_PS", layout.freeObjects + 1, [description.familyName, description.givenName]),
            ("CPS_LANG_PS", layout.freeObjects + 2, ["fr"]),
            ("CPS_INFO_PS", layout.freeObjects + 3, [description.nationalID]),
        ]
    }

    private var situations: [(label: String, file: UInt16, fields: [String])] {
        description.situations.prefix(16).enumerated().map { index, situation in
            let number = index + 1 < 10 ? "0\(index + 1)" : "\(index + 1)"
            let fields = situation.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            return ("CPS_ACTIVITY_\(number)_PS", FileIdentifier.firstSituation + UInt16(index), fields)
        }
    }

    var directory: [(label: String, file: UInt16, isPrivate: Bool)] {
        free.map { ($0.label, $0.file, false) } + [("CPS_DATA", FileIdentifier.freeData, false)]
            + situations.map { ($0.label, $0.file, true) }
    }

    var files: [CardFile] {
        free.map { CardFile($0.file, Self.content($0.fields)) }
            + [CardFile(FileIdentifier.freeData, description.freeData, update: .pin)]
            + situations.map { CardFile($0.file, Self.content($0.fields), read: .pin) }
    }

    private static func content(_ fields: [String]) -> [UInt8] {
        TLV(0x30, fields.flatMap { TLV(0x0C, Array($0.utf8)).bytes }).bytes
    }
}
