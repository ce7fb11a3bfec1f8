internal import Primitives

extension MobileSection {
    private static let longest: Int64 = 43_200

    init(_ reader: inout ValueReader) {
        listen = reader.optional(
            "mobile.listen",
            expected: Text(
                "une adresse et un port, comme 192.0.2.7:8443 ou [2001:db8::7]:8443",
                "an address and a port, such as 192.0.2.7:8443 or [2001:db8::7]:8443"), Endpoint.init)
        isEnabled = reader.bool("mobile.enabled", default: listen != nil)
        certificate = reader.optional("mobile.certificate", expected: ValueForm.path, ValueForm.path(_:))
        key = reader.optional("mobile.key", expected: ValueForm.path, ValueForm.path(_:))
        longest = reader.duration("mobile.longest", default: Self.longest, in: 300...Self.longest)
        session = reader.duration("mobile.session", default: min(14_400, longest), in: 60...longest)
        inactivity = reader.duration("mobile.inactivity", default: 1800, in: 60...Self.longest)
        removal =
            reader.value(
                "mobile.survive_removal",
                expected: Text(
                    "true, false ou une durée d'au plus 12h, comme 30m", "true, false or a duration up to 12h, such as 30m"),
                default: .survives
            ) { text in
                switch text {
                case "true": .survives
                case "false": .ends
                default: DurationText.seconds(text).flatMap { (1...Self.longest).contains($0) ? .limits($0) : nil }
                }
            } ?? .survives
        devices = reader.number("mobile.devices", default: 3, in: 1...20)
        for (name, isMissing) in [("listen", listen == nil), ("certificate", certificate == nil), ("key", key == nil)]
        where isMissing && isEnabled && !reader.hasProblem(under: "mobile.\(name)") {
            reader.refuse(
                "mobile.\(name)",
                Text("doit être donné quand des mobiles peuvent entrer", "must be set where phones and tablets are let in"))
        }
    }
}

extension MobileSection.Endpoint {
    init?(_ text: String) {
        guard text.utf8.count <= 255, let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { return nil }
        } else {
            guard !host.contains(":") else { return nil }
        }
        let isPlain = host.utf8.allSatisfy { byte in
            (0x30...0x3A).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || [0x2D, 0x2E].contains(byte)
        }
        guard !host.isEmpty, isPlain else { return nil }
        self.init(host: String(host), port: Int(port))
    }
}
