import OpenSSL
import Primitives
import SmartCard
import Testing

/// A certificate taken apart by hand, so that nothing of the room under test reads it.
struct Parsed {
    struct Extension {
        let isCritical: Bool
        let value: [UInt8]
    }

    let serial: [UInt8]
    let issuer: TLV
    let subject: TLV
    /// Upper-case hexadecimal of the object identifier's content.
    let extensions: [String: Extension]
    let validity: [String]
    private let signed: [UInt8]
    private let signature: [UInt8]

    init(_ der: [UInt8]) throws {
        let parts = try #require(try TLV.parse(der).first).children()
        let body = try parts[0].children()
        signed = parts[0].bytes
        signature = Array(parts[2].value.dropFirst())
        serial = body[1].value
        issuer = body[3]
        validity = try body[4].children().map { String(decoding: $0.value, as: UTF8.self) }
        subject = body[5]
        var found: [String: Extension] = [:]
        for item in try body.last?.children().first?.children() ?? [] {
            let members = try item.children()
            found[Hex.encode(members[0].value, uppercase: true)] = Extension(
                isCritical: members.count == 3, value: members[members.count - 1].value)
        }
        extensions = found
    }

    func isSigned(by key: PublicKey) -> Bool { key.verifiesSHA256(signature: signature, over: signed) }

    /// Attribute values of a name in order.
    func texts(of name: TLV) -> [String] {
        let sets = (try? name.children()) ?? []
        return sets.flatMap { set in
            ((try? set.children()) ?? []).compactMap { attribute in
                (try? attribute.children())?.last.map { String(decoding: $0.value, as: UTF8.self) }
            }
        }
    }
}
