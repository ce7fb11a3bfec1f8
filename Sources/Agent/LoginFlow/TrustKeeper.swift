internal import Audit
package import PKI
package import Primitives
package import Revocation
package import Sessions

/// Keeps the revocation data up to date while the agent runs: what is new is traced, and live sessions are looked at again.
package actor TrustKeeper {
    private let store: TrustStore
    private let lists: RevocationLists
    private let folder: RevocationFolder
    private let desk: LoginDesk
    private let registry: SessionRegistry
    private let time: any TimeSource
    private let maxAge: Int64
    private var freshness: RevocationFinding?

    /// Seconds before their end from which anchors and lists are warned about.
    private static let warningTime: Int64 = 30 * 86_400

    package init(
        store: TrustStore, lists: RevocationLists, folder: RevocationFolder, desk: LoginDesk, registry: SessionRegistry,
        time: any TimeSource, maxAge: Int64
    ) {
        self.store = store
        self.lists = lists
        self.folder = folder
        self.desk = desk
        self.registry = registry
        self.time = time
        self.maxAge = maxAge
    }

    /// Takes in what is new in the folder of lists; looks at live sessions again when that, or time alone, changed what is known.
    ///
    /// - Returns: what became of each new file.
    package func update() async -> JSON {
        let outcomes = await folder.refresh(now: time.now())
        if !outcomes.isEmpty { await registry.record(outcomes.map(draft)) }
        let now = lists.freshness(at: time.now(), maxAge: maxAge)
        if !outcomes.isEmpty || now != freshness {
            freshness = now
            await desk.reassess()
        }
        return ["lists": .array(outcomes.map(Self.json))]
    }

    /// How fresh revocation data is, for `GET /v1/status`.
    package var summary: JSON {
        let finding = lists.freshness(at: time.now(), maxAge: maxAge)
        return ["status": finding.status == .good ? "good" : "unchecked", "as_of": JSON(finding.asOf?.description)]
    }

    /// The authorities with their lists, and what ends soon, for `GET /v1/trust`.
    package var json: JSON {
        let authorities = store.anchors.map { ($0, "anchor") } + store.intermediates.map { ($0, "intermediate") }
        return [
            "environment": .string(store.environment.rawValue), "revocation": summary,
            "authorities": .array(authorities.map { authority($0.0, role: $0.1) }),
        ]
    }

    private func authority(_ fields: CertificateFields, role: String) -> JSON {
        let now = time.now()
        let list = lists.list(of: fields.fingerprint)
        var warnings: [JSON] = []
        if fields.notAfter < now.advanced(bySeconds: Self.warningTime) { warnings.append("certificate_ends_soon") }
        if let list, let end = list.nextUpdate, end < now { warnings.append("list_stale") }
        if list == nil { warnings.append("list_missing") }
        return [
            "name": .string(fields.subject.values(DistinguishedName.AttributeType.commonName).first ?? ""), "role": .string(role),
            "sha256": .string(Hex.encode(fields.fingerprint)), "not_after": .string(fields.notAfter.description),
            "list": list.map { list in
                [
                    "this_update": .string(list.thisUpdate.description), "next_update": JSON(list.nextUpdate?.description),
                    "number": .string(Hex.encode(list.number)), "revoked": .int(Int64(list.revoked.count)),
                ]
            } ?? .null,
            "warnings": .array(warnings),
        ]
    }

    private func draft(_ outcome: RevocationFolder.Outcome) -> TraceDraft {
        let isGood = if case .success = outcome.result { true } else { false }
        var draft = TraceDraft(isGood ? .trustListLoaded : .trustListRefused, isGood ? .info : .failed, at: time.now())
        draft.detail = Self.json(outcome)
        return draft
    }

    private static func json(_ outcome: RevocationFolder.Outcome) -> JSON {
        switch outcome.result {
        case .success(let list):
            .members([
                "file": .string(outcome.file), "accepted": true, "authority": .string(Hex.encode(list.authority)),
                "this_update": .string(list.thisUpdate.description), "next_update": JSON(list.nextUpdate?.description),
                "number": .string(Hex.encode(list.number)), "revoked": .int(Int64(list.entries)),
                "not_kept": outcome.notKept.map(JSON.string),
            ])
        case .failure(let error):
            ["file": .string(outcome.file), "accepted": false, "detail": .string(error.reason)]
        }
    }
}
