internal import Crypto
internal import Primitives

extension AgentConfiguration {
    /// Most bytes of a file.
    package static let sizeLimit = 1_048_576

    /// Reads the bytes of `agent.yaml`; variables `CPS_AGENTD_SECTION_KEY` of `environment` replace its values.
    ///
    /// - Parameter hostname: Name of the machine, used when `agent.workstation` is not set.
    /// - Throws: All problems at once. An error of YAML itself comes alone.
    package init(bytes: [UInt8], environment: [String: String], hostname: String) throws(ConfigurationError) {
        guard bytes.count <= Self.sizeLimit else { throw ConfigurationError(file: .tooLarge(Self.sizeLimit)) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ConfigurationError(file: .notUTF8) }
        let document = try YAMLDocument(text)
        var reader = ValueReader(document: document, environment: environment)
        let digest = Hex.encode(SHA256.hash(data: bytes))

        let agent = AgentSection(&reader, hostname: hostname)
        let readers = ReadersSection(&reader)
        let cards = CardsSection(&reader)
        let trust = TrustSection(&reader)
        let sessions = SessionsSection(
            inactivity: reader.duration("sessions.inactivity", default: 900, in: 1...86_400),
            max: reader.duration("sessions.max", default: 43_200, in: 1...86_400))
        let tokens = TokensSection(&reader)
        let audit = AuditSection(&reader, issuer: tokens?.issuer, stateDirectory: agent?.stateDirectory)
        let habilitations = HabilitationsSection(
            file: reader.optional("habilitations.file", expected: ValueForm.path, ValueForm.path(_:)))
        let signatures = SignaturesSection(&reader)
        let degraded = DegradedSection(&reader, stateDirectory: agent?.stateDirectory)
        let breakGlass = BreakGlassSection(&reader)
        let mobile = MobileSection(&reader)
        let clients = ClientEntry.list(&reader)
        let log = LogSection(level: reader.choice("log.level", default: .info))
        let pam = PAMSection(&reader)
        let metrics = MetricsSection(&reader)
        reader.finish()

        guard reader.problems.isEmpty, let agent, let trust, let tokens, let audit else {
            throw ConfigurationError(problems: reader.problems)
        }
        self.init(
            agent: agent, readers: readers, cards: cards, trust: trust, sessions: sessions, tokens: tokens, audit: audit,
            signatures: signatures,
            habilitations: habilitations, degraded: degraded, breakGlass: breakGlass, mobile: mobile, pam: pam, clients: clients,
            metrics: metrics, log: log,
            sha256: digest,
            overrides: reader.overrides, written: document.texts)
    }
}
