internal import SmartCard

/// A code of digits, PIN or PUK, as the card's AODF describes it (PKCS#15 v1.1 §6.6; ISO/IEC 7816-15 §8.9).
package struct PINObject: Hashable, Sendable {
    /// What VERIFY names in P2.
    package let reference: UInt8
    package let minimumLength: Int
    package let maximumLength: Int
    /// Bytes that the card compares; shorter PINs are padded up to it.
    let storedLength: Int
    let padding: UInt8?
}

/// A private key as the card's PrKDF describes it (ISO/IEC 7816-15 §8.3).
struct KeyObject: Hashable, Sendable {
    /// CommonKeyAttributes.iD, which its certificate shares.
    let id: [UInt8]
    let reference: UInt8
    let modulusBytes: Int
    let usage: KeyUsage
    /// CommonObjectAttributes.authId: the code that guards it, where one is named.
    let authID: [UInt8]?
    /// CommonObjectAttributes.userConsent: how often it signs until its code is wanted again; `nil` when that is not said.
    let userConsent: Int?

    struct KeyUsage: OptionSet, Hashable {
        let rawValue: UInt32
        static let sign = KeyUsage(rawValue: 1 << 2)
        static let nonRepudiation = KeyUsage(rawValue: 1 << 9)
    }
}

/// A certificate as the card's CDF describes it (ISO/IEC 7816-15 §8.7).
struct CertificateObject: Hashable, Sendable {
    let id: [UInt8]
    /// Absolute, from `3F00`.
    let path: [UInt8]
}

/// A data object as the card's DODF describes it (ISO/IEC 7816-15 §8.10).
struct DataObjectEntry: Hashable, Sendable {
    let label: String
    /// Absolute, from `3F00`.
    let path: [UInt8]?
    /// The entry says private, or names a code.
    let isProtected: Bool
}

/// Reads PKCS#15 directory files with the tolerance that real cards ask for: BIT STRINGs with eight unused bits, padding behind the
/// last entry, paths that are relative to the application or absolute.
enum PKCS15Parser {
    /// Paths of the directory files that an ODF names, by its choice tag (`A0` private keys, `A4` certificates, `A8` PINs...).
    static func directories(_ odf: [UInt8], application: [UInt8]) throws(CardError) -> [UInt32: [[UInt8]]] {
        var paths: [UInt32: [[UInt8]]] = [:]
        for entry in try parse(odf, "ODF") {
            guard let path = entry.child(0x30)?.child(0x04).flatMap({ absolute($0.value, in: application) }) else { continue }
            paths[entry.tag, default: []].append(path)
        }
        return paths
    }

    /// The holder's PIN: the first entry that is neither the administrator's (soPin) nor an unblocking code.
    ///
    /// - Parameter authID: the authId that the entry must have; any when `nil`.
    static func pin(_ aodf: [UInt8], authID: [UInt8]? = nil) throws(CardError) -> PINObject {
        for entry in try parse(aodf, "AODF") {
            guard let (flags, fields) = passwordAttributes(entry), flags.isDisjoint(with: [.unblockingPIN, .soPIN]) else { continue }
            if let authID, (try? entry.children())?.dropFirst().first?.child(0x04)?.value != authID { continue }
            guard let pin = code(flags, fields) else { throw .cardDamaged("AODF") }
            return pin
        }
        throw .cardDamaged("AODF without a holder's PIN")
    }

    /// The code that unblocks the PIN: an entry flagged unblockingPin, else the administrator's code (soPin), as CPS cards flag theirs.
    ///
    /// `nil` when there is none that can be spoken to; the card can be used without.
    static func puk(_ aodf: [UInt8]) throws(CardError) -> PINObject? {
        let entries = try parse(aodf, "AODF").compactMap(passwordAttributes)
        for wanted in [PasswordFlags.unblockingPIN, .soPIN] {
            for (flags, fields) in entries where flags.contains(wanted) { if let puk = code(flags, fields) { return puk } }
        }
        return nil
    }

    /// PasswordFlags (ISO/IEC 7816-15 §8.9.3).
    private struct PasswordFlags: OptionSet {
        let rawValue: UInt32
        static let needsPadding = PasswordFlags(rawValue: 1 << 5)
        static let unblockingPIN = PasswordFlags(rawValue: 1 << 6)
        static let soPIN = PasswordFlags(rawValue: 1 << 7)
    }

    private static func passwordAttributes(_ entry: TLV) -> (PasswordFlags, [TLV])? {
        guard let attributes = entry.child(0xA1)?.child(0x30), let fields = try? attributes.children() else { return nil }
        return (PasswordFlags(rawValue: bits(fields.first { $0.tag == 0x03 }?.value ?? [])), fields)
    }

    /// `nil` when the lengths, the form or the reference are none that a command can carry.
    private static func code(_ flags: PasswordFlags, _ fields: [TLV]) -> PINObject? {
        let lengths = fields.filter { $0.tag == 0x02 }.compactMap { integer($0.value) }
        guard lengths.count >= 2 else { return nil }
        let minimum = lengths[0]
        let stored = lengths[1]
        let maximum = lengths.count > 2 ? lengths[2] : stored
        guard (1...16).contains(minimum), minimum <= maximum, maximum <= stored, stored <= 64 else { return nil }
        guard isWrittenInDigits(fields), let reference = reference(fields) else { return nil }
        let pad = fields.first { $0.tag == 0x04 && $0.value.count == 1 }?.value.first
        return PINObject(
            reference: reference, minimumLength: minimum, maximumLength: maximum,
            storedLength: stored, padding: flags.contains(.needsPadding) ? pad ?? 0xFF : nil)
    }

    /// Types ascii-numeric and utf8; a PIN in any other form would be compared as another one.
    private static func isWrittenInDigits(_ attributes: [TLV]) -> Bool {
        guard let type = attributes.first(where: { $0.tag == 0x0A }) else { return true }
        return type.value == [1] || type.value == [2]
    }

    /// pinReference, 0 by default; `nil` when it fits no command.
    private static func reference(_ attributes: [TLV]) -> UInt8? {
        guard let field = attributes.first(where: { $0.tag == 0x80 }) else { return 0 }
        return integer(field.value).flatMap { UInt8(exactly: $0) }
    }

    static func keys(_ prkdf: [UInt8]) throws(CardError) -> [KeyObject] {
        var keys: [KeyObject] = []
        for entry in try parse(prkdf, "PrKDF") {
            guard let sequences = try? entry.children(), sequences.count >= 3, let common = try? sequences[1].children(),
                let id = common.first(where: { $0.tag == 0x04 })?.value,
                let usage = common.first(where: { $0.tag == 0x03 })?.value,
                let reference = common.first(where: { $0.tag == 0x02 })?.value.last
            else { continue }
            let modulus = sequences.first { $0.tag == 0xA1 }?.child(0x30)?.child(0x02).flatMap { integer($0.value) } ?? 2048
            guard (1024...8192).contains(modulus) else { throw .cardDamaged("PrKDF") }
            let object = (try? sequences[0].children()) ?? []
            keys.append(
                KeyObject(
                    id: id, reference: reference, modulusBytes: (modulus + 7) / 8, usage: KeyObject.KeyUsage(rawValue: bits(usage)),
                    authID: object.first { $0.tag == 0x04 }?.value,
                    userConsent: object.first { $0.tag == 0x02 }.flatMap { integer($0.value) }))
        }
        return keys
    }

    static func certificates(_ cdf: [UInt8], application: [UInt8]) throws(CardError) -> [CertificateObject] {
        var certificates: [CertificateObject] = []
        for entry in try parse(cdf, "CDF") {
            guard let sequences = try? entry.children(), sequences.count >= 3,
                let id = sequences[1].child(0x04)?.value,
                let value = sequences.first(where: { $0.tag == 0xA1 })?.child(0x30)?.child(0x30)?.child(0x04)?.value,
                let path = absolute(value, in: application)
            else { continue }
            certificates.append(CertificateObject(id: id, path: path))
        }
        return certificates
    }

    /// Entries of a DODF; one that is damaged keeps its place, without what it does not tell.
    static func dataObjects(_ dodf: [UInt8], application: [UInt8]) throws(CardError) -> [DataObjectEntry] {
        try parse(dodf, "DODF").map { entry in
            let sequences = (try? entry.children()) ?? []
            let common = (try? sequences.first?.children()) ?? []
            let label = common.first { $0.tag == 0x0C }.map { String(decoding: $0.value.prefix(255), as: UTF8.self) }
            let isPrivate = bits(common.first { $0.tag == 0x03 }?.value ?? []) & 1 != 0
            // ObjectValue is the path itself, or wrapped once more.
            let value = sequences.first { $0.tag == 0xA1 }?.child(0x30)
            let path = value?.child(0x04) ?? value?.child(0x30)?.child(0x04)
            return DataObjectEntry(
                label: label ?? "", path: path.flatMap { absolute($0.value, in: application) },
                isProtected: isPrivate || common.contains { $0.tag == 0x04 })
        }
    }

    /// Path of the application with this identifier in EF.DIR (ISO/IEC 7816-4 §12.2.2.3); its name where no path is given.
    static func application(_ identifier: [UInt8], inDirectory directory: [UInt8]) throws(CardError) -> [UInt8]? {
        for record in try parse(directory, "EF.DIR") where record.child(0x4F)?.value == identifier {
            guard let field = record.child(0x51) else { return identifier }
            guard let path = absolute(field.value, in: [0x3F, 0x00]) else { throw .cardDamaged("EF.DIR") }
            return path
        }
        return nil
    }

    private static func parse(_ file: [UInt8], _ name: String) throws(CardError) -> [TLV] {
        do { return try TLV.parse(file) } catch { throw .cardDamaged(name) }
    }

    /// `nil` for what is no path: one to eight identifiers of two bytes.
    private static func absolute(_ path: [UInt8], in application: [UInt8]) -> [UInt8]? {
        guard (2...16).contains(path.count), path.count.isMultiple(of: 2) else { return nil }
        return path.starts(with: [0x3F, 0x00]) ? path : application + path
    }

    /// A BIT STRING as a set: bit 0 is the first one. The count of unused bits is not believed, real cards get it wrong.
    private static func bits(_ value: [UInt8]) -> UInt32 {
        var set: UInt32 = 0
        for (index, byte) in value.dropFirst().prefix(4).enumerated() {
            for bit in 0..<8 where byte & (0x80 >> bit) != 0 { set |= 1 << UInt32(index * 8 + bit) }
        }
        return set
    }

    private static func integer(_ value: [UInt8]) -> Int? {
        guard (1...4).contains(value.count) else { return nil }
        return value.reduce(0) { $0 << 8 | Int($1) }
    }
}
