internal import Primitives

extension AuditSection.Forward {
    /// The most targets that a file may have.
    private static let most = 16

    static func list(_ reader: inout ValueReader) -> [AuditSection.Forward] {
        guard let names = reader.names(under: "audit.forward") else { return [] }
        if names.count > most { reader.refuse("audit.forward", "must have at most \(most) entries") }
        return names.compactMap { AuditSection.Forward($0, &reader) }
    }

    private init?(_ name: String, _ reader: inout ValueReader) {
        let key = "audit.forward.\(name)"
        if ValueForm.name(name) == nil { reader.refuse(key, "must be named by \(ValueForm.name)") }
        let syslog = reader.optional("\(key).syslog", expected: "host:port of a syslog server with TLS") { text in
            (1...300).contains(text.utf8.count) && text.isVisible ? text : nil
        }
        let journal = reader.optional("\(key).journal", expected: "true, or the path of the journal's socket") { text in
            text == "true" ? Target.journal(nil) : ValueForm.path(text).map { .journal($0) }
        }
        let fhir = reader.optional("\(key).fhir", expected: "the http address of a FHIR server", WebAddress.init)
        let authorities = reader.optional("\(key).authorities", expected: ValueForm.path, ValueForm.path(_:))
        let certificate = reader.optional("\(key).certificate", expected: ValueForm.path, ValueForm.path(_:))
        let own = reader.optional("\(key).key", expected: ValueForm.path, ValueForm.path(_:))
        let timeout = reader.duration("\(key).timeout", default: 30, in: 1...300)
        let targets: [Target?] = [
            syslog.map { .syslog($0, authorities: authorities ?? "", certificate: certificate, key: own) }, journal,
            fhir.map { .fhir($0, authorities: authorities) },
        ]
        let given = targets.compactMap { $0 }
        if given.count != 1, !reader.hasProblem(under: key) { reader.refuse(key, "must have one of syslog, journal and fhir") }
        if syslog != nil, authorities == nil { reader.refuse(key, "must name the authorities above the syslog server") }
        if syslog == nil, certificate ?? own != nil { reader.refuse(key, "has certificates that only syslog uses") }
        if journal != nil, authorities != nil { reader.refuse(key, "has authorities that the journal does not use") }
        if (certificate == nil) != (own == nil) { reader.refuse(key, "must have certificate and key, or neither") }
        guard let target = given.first else { return nil }
        self.init(name: name, target: target, timeout: timeout)
    }
}
