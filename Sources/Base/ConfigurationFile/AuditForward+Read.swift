internal import Primitives

extension AuditSection.Forward {
    /// The most targets that a file may have.
    private static let most = 16

    static func list(_ reader: inout ValueReader) -> [AuditSection.Forward] {
        guard let names = reader.names(under: "audit.forward") else { return [] }
        if names.count > most { reader.refuse("audit.forward", .atMost(most)) }
        return names.compactMap { AuditSection.Forward($0, &reader) }
    }

    private init?(_ name: String, _ reader: inout ValueReader) {
        let key = "audit.forward.\(name)"
        if ValueForm.name(name) == nil { reader.refuse(key, .mustBeNamedBy(ValueForm.name)) }
        let journal = reader.optional(
            "\(key).journal", expected: Text("true, ou le chemin du socket du journal", "true, or the path of the journal's socket")
        ) { text in
            text == "true" ? Target.journal(nil) : ValueForm.path(text).map { .journal($0) }
        }
        let fhir = reader.optional(
            "\(key).fhir", expected: Text("l'adresse http d'un serveur FHIR", "the http address of a FHIR server"), WebAddress.init)
        let syslog = SyslogKeys(&reader, under: key)
        let timeout = reader.duration("\(key).timeout", default: 30, in: 1...300)
        let targets: [Target?] = [
            syslog.server.map { .syslog($0) }, journal, fhir.map { .fhir($0, authorities: syslog.authorities) },
        ]
        let given = targets.compactMap { $0 }
        if given.count != 1, !reader.hasProblem(under: key) {
            reader.refuse(key, Text("doit avoir l'un de syslog, journal et fhir", "must have one of syslog, journal and fhir"))
        }
        syslog.refuseMisuse(&reader, under: key, mayHaveAuthorities: true)
        if journal != nil, syslog.authorities != nil {
            reader.refuse(key, Text("a des autorités dont journal ne se sert pas", "has authorities that the journal does not use"))
        }
        guard let target = given.first else { return nil }
        self.init(name: name, target: target, timeout: timeout)
    }
}
