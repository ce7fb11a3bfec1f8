internal import PKI
internal import SwiftASN1

/// The private extensions of the sector under 1.2.250.1.71, decoded. Absent ones are `nil`; all are bounded.
struct CardExtensions {
    let fields: CertificateFields

    private enum OID {
        static let cardType = "1.2.250.1.71.1.2.2"
        static let cardIdentifier = "1.2.250.1.71.1.2.3"
        static let profession = "1.2.250.1.71.1.2.7"
        static let training = "1.2.250.1.71.1.2.8"
        static let knowHow = "1.2.250.1.71.4.2.5"
    }

    /// Code of table G02, also one that it does not have.
    func cardType() throws(HolderRefusal) -> Int? { try read(OID.cardType, .cardType) { try Int(derEncoded: $0) } }

    /// Issuer of the card and its serial number, from `issuer/serial`.
    func cardIdentifier() throws(HolderRefusal) -> (issuer: String, number: String)? {
        let text = try read(OID.cardIdentifier, .cardNumber) { String(try ASN1PrintableString(derEncoded: $0)) }
        guard let text else { return nil }
        let parts = text.split(separator: "/")
        guard parts.count == 2, text.utf8.count <= 64, (parts[0] + parts[1]).utf8.count == text.utf8.count - 1,
            (parts[0] + parts[1]).utf8.allSatisfy(Self.isAlphanumeric)
        else { throw .malformed(.cardNumber) }
        return (String(parts[0]), String(parts[1]))
    }

    func profession() throws(HolderRefusal) -> String? { try code(OID.profession, .profession) }

    func training() throws(HolderRefusal) -> String? { try code(OID.training, .training) }

    func knowHow() throws(HolderRefusal) -> [String] {
        let codes = try read(OID.knowHow, .knowHow) { node in
            try DER.sequence(of: ASN1UTF8String.self, identifier: .sequence, rootNode: node).map { String($0) }
        }
        guard let codes else { return [] }
        guard codes.count <= 64, codes.allSatisfy({ (1...32).contains($0.utf8.count) && $0.utf8.allSatisfy(Self.isAlphanumeric) }) else {
            throw .malformed(.knowHow)
        }
        return codes
    }

    private func code(_ oid: String, _ member: HolderRefusal.Member) throws(HolderRefusal) -> String? {
        guard let number = try read(oid, member, { try Int(derEncoded: $0) }) else { return nil }
        guard (0...9999).contains(number) else { throw .malformed(member) }
        return String(number)
    }

    private func read<Value>(
        _ oid: String, _ member: HolderRefusal.Member, _ decode: (ASN1Node) throws -> Value
    ) throws(HolderRefusal) -> Value? {
        guard let bytes = fields.extensions[oid] else { return nil }
        do {
            return try decode(DER.parse(bytes))
        } catch {
            throw .malformed(member)
        }
    }

    private static func isAlphanumeric(_ character: UInt8) -> Bool {
        (0x30...0x39).contains(character) || (0x41...0x5A).contains(character) || (0x61...0x7A).contains(character)
    }
}
