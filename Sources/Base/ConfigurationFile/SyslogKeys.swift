internal import Primitives

/// What an entry says of a syslog server, and of certificates, which it may need for another kind of server too.
struct SyslogKeys {
    let authorities: String?
    private let address: String?
    private let certificate: String?
    private let own: String?

    init(_ reader: inout ValueReader, under key: String) {
        address = reader.optional(
            "\(key).syslog", expected: Text("hôte:port d'un serveur syslog avec TLS", "host:port of a syslog server with TLS")
        ) { text in
            (1...300).contains(text.utf8.count) && text.isVisible ? text : nil
        }
        authorities = reader.optional("\(key).authorities", expected: ValueForm.path, ValueForm.path(_:))
        certificate = reader.optional("\(key).certificate", expected: ValueForm.path, ValueForm.path(_:))
        own = reader.optional("\(key).key", expected: ValueForm.path, ValueForm.path(_:))
    }

    /// `nil` where the entry names none.
    var server: SyslogServer? {
        address.map { SyslogServer($0, authorities: authorities ?? "", certificate: certificate, key: own) }
    }

    /// - Parameter mayHaveAuthorities: whether an entry without a syslog server may name authorities.
    func refuseMisuse(_ reader: inout ValueReader, under key: String, mayHaveAuthorities: Bool) {
        let foreign = (mayHaveAuthorities ? nil : authorities) ?? certificate ?? own
        if address != nil, authorities == nil {
            reader.refuse(key, Text("doit nommer les autorités du serveur syslog", "must name the authorities above the syslog server"))
        }
        if address == nil, foreign != nil {
            reader.refuse(key, Text("a des certificats qui ne servent qu'à syslog", "has certificates that only syslog uses"))
        }
        if (certificate == nil) != (own == nil) {
            reader.refuse(key, Text("doit avoir certificat et clé, ou aucun des deux", "must have certificate and key, or neither"))
        }
    }
}
