internal import Primitives

extension AuditSection.Timestamp {
    init?(_ reader: inout ValueReader) {
        let url = reader.optional("audit.timestamp.url", expected: "an http address", WebAddress.init)
        let anchors = reader.optional("audit.timestamp.anchors", expected: ValueForm.path, ValueForm.path(_:))
        let timeout = reader.duration("audit.timestamp.timeout", default: 5, in: 1...30)
        let every = reader.duration("audit.timestamp.every", default: 3600, in: 1...604_800)
        if url == nil, anchors != nil { reader.refuse("audit.timestamp.anchors", "is of no use without audit.timestamp.url") }
        guard let url else { return nil }
        self.init(url: url, anchors: anchors, timeout: timeout, every: every)
    }
}

extension AuditSection.Anchor {
    /// The most anchors that a file may have.
    private static let most = 16

    static func list(_ reader: inout ValueReader) -> [AuditSection.Anchor] {
        guard let names = reader.names(under: "audit.anchors") else { return [] }
        if names.count > most { reader.refuse("audit.anchors", "must have at most \(most) entries") }
        return names.compactMap { AuditSection.Anchor($0, &reader) }
    }

    private init?(_ name: String, _ reader: inout ValueReader) {
        let key = "audit.anchors.\(name)"
        if ValueForm.name(name) == nil { reader.refuse(key, "must be named by \(ValueForm.name)") }
        let file = reader.optional("\(key).file", expected: ValueForm.path, ValueForm.path(_:))
        let url = reader.optional("\(key).url", expected: "an http address", WebAddress.init)
        let syslog = reader.optional("\(key).syslog", expected: "host:port of a syslog server with TLS") { text in
            (1...300).contains(text.utf8.count) && text.isVisible ? text : nil
        }
        let authorities = reader.optional("\(key).authorities", expected: ValueForm.path, ValueForm.path(_:))
        let certificate = reader.optional("\(key).certificate", expected: ValueForm.path, ValueForm.path(_:))
        let own = reader.optional("\(key).key", expected: ValueForm.path, ValueForm.path(_:))
        let timeout = reader.duration("\(key).timeout", default: 10, in: 1...60)
        let targets: [Target?] = [
            file.map { .file($0) }, url.map { .http($0) },
            syslog.map { .syslog($0, authorities: authorities ?? "", certificate: certificate, key: own) },
        ]
        let given = targets.compactMap { $0 }
        if given.count != 1 { reader.refuse(key, "must have one of file, url and syslog") }
        if syslog != nil, authorities == nil { reader.refuse(key, "must name the authorities above the syslog server") }
        if syslog == nil, authorities ?? certificate ?? own != nil { reader.refuse(key, "has certificates that only syslog uses") }
        if (certificate == nil) != (own == nil) { reader.refuse(key, "must have certificate and key, or neither") }
        guard let target = given.first else { return nil }
        self.init(name: name, target: target, timeout: timeout)
    }
}
