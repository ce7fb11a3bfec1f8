internal import Primitives

extension AuditSection.Anchor {
    /// The most anchors that a file may have.
    private static let most = 16

    static func list(_ reader: inout ValueReader) -> [AuditSection.Anchor] {
        guard let names = reader.names(under: "audit.anchors") else { return [] }
        if names.count > most { reader.refuse("audit.anchors", .atMost(most)) }
        return names.compactMap { AuditSection.Anchor($0, &reader) }
    }

    private init?(_ name: String, _ reader: inout ValueReader) {
        let key = "audit.anchors.\(name)"
        if ValueForm.name(name) == nil { reader.refuse(key, .mustBeNamedBy(ValueForm.name)) }
        let file = reader.optional("\(key).file", expected: ValueForm.path, ValueForm.path(_:))
        let url = reader.optional("\(key).url", expected: .webAddress, WebAddress.init)
        let syslog = SyslogKeys(&reader, under: key)
        let timeout = reader.duration("\(key).timeout", default: 10, in: 1...60)
        let targets: [Target?] = [
            file.map { .file($0) }, url.map { .http($0) },
            syslog.server.map { .syslog($0) },
        ]
        let given = targets.compactMap { $0 }
        if given.count != 1 { reader.refuse(key, Text("doit avoir l'un de file, url et syslog", "must have one of file, url and syslog")) }
        syslog.refuseMisuse(&reader, under: key, mayHaveAuthorities: false)
        guard let target = given.first else { return nil }
        self.init(name: name, target: target, timeout: timeout)
    }
}
