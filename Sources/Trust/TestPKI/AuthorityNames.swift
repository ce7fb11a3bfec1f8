package import OpenSSL

/// Names and addresses of an authority and of the root above it, laid out as IGC-Santé lays out its TEST hierarchy.
package struct AuthorityNames: Hashable, Sendable {
    package let organisation: String
    package let unit: String
    package let rootCommonName: String
    package let issuingCommonName: String

    /// The TEST range FORT, which issues the cards of health professionals.
    package static let fort = AuthorityNames(
        organisation: "ASIP-SANTE", unit: "IGC-SANTE TEST", rootCommonName: "TEST AC RACINE IGC-SANTE FORT",
        issuingCommonName: "TEST AC IGC-SANTE FORT PERSONNES")

    /// Another country's hierarchy, which nobody here trusts.
    static let foreign = AuthorityNames(
        organisation: "AUTRE AUTORITE", unit: "AUTRE IGC TEST", rootCommonName: "TEST AC RACINE AUTRE",
        issuingCommonName: "TEST AC AUTRE PERSONNES")

    package var root: DistinguishedName { name(rootCommonName) }
    package var issuing: DistinguishedName { name(issuingCommonName) }

    private func name(_ commonName: String) -> DistinguishedName {
        DistinguishedName([
            [.init(ObjectIdentifier.country, .printableString, "FR")],
            [.init(ObjectIdentifier.organisation, .utf8String, organisation)],
            [.init(ObjectIdentifier.organisationalUnit, .utf8String, "0002 187512751")],
            [.init(ObjectIdentifier.organisationalUnit, .utf8String, unit)],
            [.init(ObjectIdentifier.commonName, .utf8String, commonName)],
        ])
    }

    /// The directory entry of the root; it is not the root's own name.
    var rootEntry: String {
        Self.directory("cn=\(rootCommonName),ou=\(unit),ou=0002 187512751,o=\(organisation),c=FR")
    }

    /// The directory entry of the issuing authority: the directory puts the root's name between.
    var issuingEntry: String {
        Self.directory("cn=\(issuingCommonName),ou=\(rootCommonName),ou=\(unit),ou=0002 187512751,o=\(organisation),c=FR")
    }

    private static func directory(_ entry: String) -> String {
        let escaped = entry.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "%20")
        return "ldap://annuaire-igc.esante.gouv.fr/\(escaped)"
    }
}

/// Object identifiers that test certificates carry.
enum ObjectIdentifier {
    static let commonName = "2.5.4.3"
    static let surname = "2.5.4.4"
    static let country = "2.5.4.6"
    static let organisation = "2.5.4.10"
    static let organisationalUnit = "2.5.4.11"
    static let state = "2.5.4.8"
    static let title = "2.5.4.12"
    static let pseudonym = "2.5.4.65"
    static let givenName = "2.5.4.42"

    static let subjectKeyIdentifier = "2.5.29.14"
    static let keyUsage = "2.5.29.15"
    static let privateKeyUsagePeriod = "2.5.29.16"
    static let basicConstraints = "2.5.29.19"
    static let revocationListNumber = "2.5.29.20"
    static let distributionPoints = "2.5.29.31"
    static let policies = "2.5.29.32"
    static let authorityKeyIdentifier = "2.5.29.35"
    static let extendedKeyUsage = "2.5.29.37"
    static let freshestList = "2.5.29.46"
    static let authorityInformation = "1.3.6.1.5.5.7.1.1"

    static let policyPointer = "1.3.6.1.5.5.7.2.1"
    static let clientAuthentication = "1.3.6.1.5.5.7.3.2"
    static let emailProtection = "1.3.6.1.5.5.7.3.4"
    static let statusProtocol = "1.3.6.1.5.5.7.48.1"
    static let issuerCertificates = "1.3.6.1.5.5.7.48.2"

    static let anyPolicy = "2.5.29.32.0"
    static let testPolicy = "1.2.250.1.213.1.7.2.1.1.1.1"

    static let cardType = "1.2.250.1.71.1.2.2"
    static let cardIdentifier = "1.2.250.1.71.1.2.3"
    static let productCategory = "1.2.250.1.71.1.2.5"
    static let profession = "1.2.250.1.71.1.2.7"
    static let training = "1.2.250.1.71.1.2.8"
    static let knowHow = "1.2.250.1.71.4.2.5"
}
