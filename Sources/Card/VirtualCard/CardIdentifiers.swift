/// Application identifiers and file identifiers of CPS cards.
enum ApplicationName {
    static let root: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00]
    static let contact: [UInt8] = [0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x10]
    static let contactless: [UInt8] = [0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x20]
    /// The legacy volume on channel 0 of a CPS4.
    static let legacy: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x02]
    /// The auxiliary application of a CPS4 through which a stuck applet is recovered.
    static let auxiliary: [UInt8] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00]
}

enum FileIdentifier {
    static let directory: UInt16 = 0x2F00
    static let answerToReset: UInt16 = 0x2F01
    static let serialNumber: UInt16 = 0xD003
    /// EF_ACTUA.
    static let lastUpdate: UInt16 = 0xD010
    static let contactApplication: UInt16 = 0x0001
    static let contactlessApplication: UInt16 = 0x0002
    static let objectDirectory: UInt16 = 0x5031
    static let tokenInformation: UInt16 = 0x5032
    static let codes: UInt16 = 0x7001
    static let privateKeys: UInt16 = 0x7002
    static let certificates: UInt16 = 0x7005
    static let dataObjects: UInt16 = 0x7007
    static let signatureCertificate: UInt16 = 0xA001
    static let authenticationCertificate: UInt16 = 0xA002
    static let technicalCertificate: UInt16 = 0xA003
    static let cardIdentity: UInt16 = 0xD101
    static let freeData: UInt16 = 0xD107
    static let firstSituation: UInt16 = 0xD120
}

/// Two bytes, most significant first.
func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
