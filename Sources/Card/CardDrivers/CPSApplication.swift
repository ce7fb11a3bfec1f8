/// Application identifiers of the CPS cards (ISO/IEC 7816-4 §12.2.3).
enum CPSApplication {
    /// The root: DF name of the MF on CPS3, the ChipDoc applet on CPS4.
    static let root: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00]
    /// PKCS#15 on the contact interface.
    static let contact: [UInt8] = [0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x10]
    /// PKCS#15 on the contactless interface of a CPS3.
    static let contactless: [UInt8] = [0xE8, 0x28, 0xBD, 0x08, 0x0F, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x20]

    /// A path that begins with the name of an application, cut after it; `nil` for a path from the MF.
    static func split(_ path: [UInt8]) -> (name: [UInt8], file: [UInt8])? {
        for name in [contact, contactless] where path.starts(with: name) { return (name, Array(path.dropFirst(name.count))) }
        return nil
    }

    /// The applet of the legacy volume on CPS4.
    static let legacy: [UInt8] = [0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x02]
    /// The issuer domain, a detour that frees a CPS4 whose applet refuses to be selected.
    static let issuerDomain: [UInt8] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00]
}
