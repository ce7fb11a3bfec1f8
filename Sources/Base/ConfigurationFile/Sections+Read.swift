internal import Primitives

extension AgentSection {
    init?(_ reader: inout ValueReader, hostname: String) {
        let directory = reader.value("agent.state_dir", expected: ValueForm.path, ValueForm.path(_:))
        let socket = reader.value(
            "agent.socket",
            expected: Text(
                "un chemin absolu d'au plus \(ValueForm.longestSocketPath) octets",
                "an absolute path of at most \(ValueForm.longestSocketPath) bytes"), ValueForm.socketPath)
        socketMode =
            reader.value(
                "agent.socket_mode",
                expected: Text("trois ou quatre chiffres octaux, comme 0660", "three or four octal digits, such as 0660"), default: 0o666,
                ValueForm.mode(_:))
            ?? 0o666
        socketGroup = reader.optional(
            "agent.socket_group", expected: Text("le nom ou le numéro d'un groupe", "the name or number of a group"), ValueForm.name(_:))
        budgets = Budgets(
            requests: reader.number("agent.budgets.requests", default: 500, in: 1...1_000_000),
            logins: reader.number("agent.budgets.logins", default: 30, in: 1...10_000),
            pins: reader.number("agent.budgets.pins", default: 10, in: 1...10_000),
            emergencies: reader.number("agent.budgets.emergencies", default: 20, in: 1...10_000))
        workstation = reader.value("agent.workstation", expected: ValueForm.name, default: hostname, ValueForm.name(_:)) ?? hostname
        guard let directory, let socket else { return nil }
        stateDirectory = directory
        self.socket = socket
    }
}

extension ReadersSection {
    /// Those that ask for a login at the screen.
    private static let greeters = [
        "display-manager.service", "gdm.service", "gdm3.service", "getty@*.service", "greetd.service", "lightdm.service", "sddm.service",
    ]

    init(_ reader: inout ValueReader) {
        allow = reader.list("readers.allow")
        seat = reader.choice("readers.seat", default: .any)
        seatName = reader.value("readers.seat_name", expected: ValueForm.name, default: "seat0", ValueForm.name(_:)) ?? "seat0"
        units =
            reader.list(
                "readers.units",
                of: Text(
                    "des noms d'unités du système, comme gdm.service ou getty@*.service",
                    "names of system units, such as gdm.service or getty@*.service"), ValueForm.unitPattern(_:))
            ?? Self.greeters
    }
}

extension CardsSection {
    /// A whole operation on a card has 8 seconds, so one command cannot have more.
    private static let commandTimeouts: ClosedRange<Int64> = 1...8

    init(_ reader: inout ValueReader) {
        afterUse = reader.choice("cards.after_use", default: .reset)
        commandTimeout = reader.optional(
            "cards.command_timeout", expected: Text("une durée de 1 à 8 secondes, comme 3s", "a duration from 1 to 8 seconds, such as 3s")
        ) { text in
            DurationText.seconds(text).flatMap { Self.commandTimeouts.contains($0) ? $0 : nil }
        }
        protectedObjects = reader.choice("cards.protected_objects", default: .skip)
    }
}

extension TrustSection {
    init?(_ reader: inout ValueReader) {
        let anchors = reader.value("trust.anchors", expected: ValueForm.path, ValueForm.path(_:))
        crls = reader.optional("trust.crls", expected: ValueForm.path, ValueForm.path(_:))
        requireEKU = reader.bool("trust.require_eku", default: false)
        revocation = Revocation(
            maxAge: reader.duration("trust.revocation.max_age", default: 604_800, in: 60...31_536_000),
            whenStale: reader.choice("trust.revocation.when_stale", default: .flag), fetch: Self.fetch(&reader),
            fetchEvery: reader.duration("trust.revocation.fetch_every", default: 14_400, in: 60...604_800))
        let isOn = reader.bool("trust.ocsp.enabled", default: false)
        let responder = reader.optional("trust.ocsp.responder", expected: .webAddress, WebAddress.init)
        let nonce = reader.bool("trust.ocsp.nonce", default: true)
        ocsp = isOn ? OCSP(responder: responder, nonce: nonce) : nil
        guard let anchors else { return nil }
        self.anchors = anchors
    }

    private static func fetch(_ reader: inout ValueReader) -> Fetch {
        let key = "trust.revocation.fetch"
        enum Item: Equatable {
            case word(Bool)
            case address(WebAddress)
        }
        let expected = Text(
            "true, false, ou des adresses http de listes de révocation", "true, false, or http addresses of revocation lists")
        let items = reader.list(key, of: expected) { text -> Item? in
            switch text {
            case "true": .word(true)
            case "false": .word(false)
            default: WebAddress(text).map(Item.address)
            }
        }
        switch items ?? [] {
        case [], [.word(false)]: return .off
        case [.word(true)]: return .named
        case let items:
            let addresses = items.compactMap { if case .address(let address) = $0 { address } else { nil } }
            if addresses.count != items.count { reader.refuse(key, .mustBe(expected)) }
            return .addresses(addresses)
        }
    }
}

extension TokensSection {
    init?(_ reader: inout ValueReader) {
        let issuer = reader.value(
            "tokens.issuer",
            expected: Text("une origine https comme https://ws-042.example", "an https origin such as https://ws-042.example"),
            ValueForm.origin(_:))
        ttl = reader.duration("tokens.ttl", default: 120, in: 1...900)
        ttlBound = reader.duration("tokens.ttl_bound", default: 300, in: 1...900)
        algorithm = reader.choice("tokens.algorithm", default: .es256)
        guard let issuer else { return nil }
        self.issuer = issuer
    }
}

extension SignaturesSection {
    init(_ reader: inout ValueReader) {
        timestamp = TimestampSection(&reader, under: "signatures.timestamp")
    }
}

extension TimestampSection {
    /// `nil` where nobody is named.
    init?(_ reader: inout ValueReader, under key: String) {
        let url = reader.optional("\(key).url", expected: .webAddress, WebAddress.init)
        let anchors = reader.optional("\(key).anchors", expected: ValueForm.path, ValueForm.path(_:))
        let timeout = reader.duration("\(key).timeout", default: 5, in: 1...30)
        if url == nil, anchors != nil {
            reader.refuse("\(key).anchors", Text("ne sert à rien sans \(key).url", "is of no use without \(key).url"))
        }
        guard let url else { return nil }
        self.init(url: url, anchors: anchors, timeout: timeout)
    }
}

extension AuditSection {
    init?(_ reader: inout ValueReader, issuer: String?, stateDirectory: String?) {
        // Before both are known there is nothing to derive from; their own absence is reported already.
        let derivedOrigin = issuer.map { String($0.dropFirst("https://".count)) } ?? "unknown"
        let derivedReserve = "\(stateDirectory ?? "")/audit.reserve"
        origin =
            reader.value(
                "audit.origin", expected: Text("un nom sans blancs ni signes plus", "a name without blanks and plus signs"),
                default: derivedOrigin, ValueForm.logOrigin(_:))
            ?? derivedOrigin
        reserve = reader.value("audit.reserve", expected: ValueForm.path, default: derivedReserve, ValueForm.path(_:)) ?? derivedReserve
        reserveSize = reader.number("audit.reserve_size", default: 4_194_304, in: 262_144...67_108_864)
        checkpoint = reader.duration("audit.checkpoint", default: 60, in: 1...86_400)
        checkpointTraces = reader.number("audit.checkpoint_traces", default: 10_000, in: 1...1_000_000)
        timestamp = TimestampSection(&reader, under: "audit.timestamp")
        timestampEvery = reader.duration("audit.timestamp.every", default: 3600, in: 1...604_800)
        anchors = Anchor.list(&reader)
        forward = Forward.list(&reader)
        retention = reader.optional(
            "audit.retention", expected: Text("une durée d'un jour ou plus, comme 3650d", "a duration of a day or more, such as 3650d")
        ) { text in
            DurationText.seconds(text).flatMap { $0 >= 86_400 ? $0 : nil }
        }
        guard issuer != nil, stateDirectory != nil else { return nil }
    }
}
