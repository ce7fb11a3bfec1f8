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
    private let fetch: ListFetch?
    private let desk: LoginDesk
    private let registry: SessionRegistry
    private let time: any TimeSource
    private let floor: ClockFloor
    private let maxAge: Int64
    private var freshness: RevocationFinding?

    package init(
        store: TrustStore, lists: RevocationLists, folder: RevocationFolder, fetch: ListFetch? = nil, desk: LoginDesk,
        registry: SessionRegistry, time: any TimeSource, floor: ClockFloor, maxAge: Int64
    ) {
        self.store = store
        self.lists = lists
        self.folder = folder
        self.fetch = fetch
        self.desk = desk
        self.registry = registry
        self.time = time
        self.floor = floor
        self.maxAge = maxAge
    }

    /// Takes in what is new in the folder of lists, then fetches all that may be fetched.
    ///
    /// - Parameter language: of what is wrong.
    /// - Returns: what became of each new file and of each address.
    package func update(in language: Language) async -> JSON {
        let files = await taken(await folder.refresh(now: judged), language)
        let fetched = await taken(await fetch?.run(all: true) ?? [], language)
        return ["lists": .array([files, fetched].flatMap { $0["lists"]?.array ?? [] })]
    }

    /// Takes in what is new in the folder of lists.
    package func look() async -> JSON { await taken(await folder.refresh(now: judged)) }

    /// Fetches what is due. Whoever has it fetch looks into the folder first: what an earlier run has kept is not fetched again.
    package func fetchDue() async -> JSON {
        guard let fetch else { return ["lists": []] }
        return await taken(await fetch.run(all: false))
    }

    /// Traces what is new, and looks at live sessions again when that, or time alone, changed what is known.
    private func taken(_ outcomes: [RevocationFolder.Outcome], _ language: Language = .english) async -> JSON {
        for case .success(let list) in outcomes.map(\.result) { floor.raise(to: list.thisUpdate) }
        let news = outcomes.filter(\.isNews)
        if !news.isEmpty { await registry.record(news.map(draft)) }
        let now = lists.freshness(at: judged, maxAge: maxAge)
        if !news.isEmpty || now != freshness {
            freshness = now
            await desk.reassess()
        }
        return ["lists": .array(outcomes.map { Self.json($0, language) })]
    }

    private var judged: Timestamp { floor.floored(time.now()) }

    /// The latest time that an authority has signed, and how far the wall clock is behind it, for `GET /v1/status`.
    package nonisolated var clock: JSON {
        ["floor": JSON(floor.floor?.description), "seconds_behind": floor.secondsBehind.map { .int($0) } ?? .null]
    }

    /// How fresh revocation data is, for `GET /v1/status`.
    package var summary: JSON {
        let finding = lists.freshness(at: judged, maxAge: maxAge)
        return ["status": finding.status == .good ? "good" : "unchecked", "as_of": JSON(finding.asOf?.description)]
    }

    /// Whether revocation data is not too old, and how old it is, in seconds; `nil` where there is none.
    package var dataAge: (isFresh: Bool, seconds: Int64?) {
        let now = judged
        let finding = lists.freshness(at: now, maxAge: maxAge)
        return (finding.status == .good, finding.asOf.map { max(0, now.seconds - $0.seconds) })
    }

    /// The authorities with their lists, and what ends soon, for `GET /v1/trust`.
    package var json: JSON {
        [
            "environment": .string(store.environment.rawValue), "revocation": summary,
            "authorities": .array(store.examined(at: judged).map { authority($0.fields, isAnchor: $0.isAnchor, $0.faults) }),
        ]
    }

    /// What an administrator should see to, for `GET /v1/status`. Lists that are missing or stale are in ``summary``.
    package var warnings: [Text] {
        let now = judged
        return store.examined(at: now).flatMap { fields, _, faults in
            let name = fields.commonName ?? ""
            var texts = faults.map { fault in
                let text = fault.text(fields)
                return Text("\(name) : \(text.french).", "\(name): \(text.english).")
            }
            if let list = lists.list(of: fields.fingerprint), let end = list.nextUpdate, now <= end, list.endsSoon(at: now) {
                texts.append(
                    Text("La liste de révocation de \(name) se termine le \(end).", "The revocation list of \(name) ends on \(end)."))
            }
            return texts
        }
    }

    private func authority(_ fields: CertificateFields, isAnchor: Bool, _ faults: [AuthorityFault]) -> JSON {
        let now = judged
        let list = lists.list(of: fields.fingerprint)
        var warnings = faults.map(\.name)
        if let list {
            let isOver = list.nextUpdate.map { $0 < now } ?? false
            if isOver { warnings.append("list_stale") } else if list.endsSoon(at: now) { warnings.append("list_ends_soon") }
        } else {
            warnings.append("list_missing")
        }
        return [
            "name": .string(fields.commonName ?? ""), "role": .string(isAnchor ? "anchor" : "intermediate"),
            "sha256": .string(Hex.encode(fields.fingerprint)), "not_after": .string(fields.notAfter.description),
            "list": list.map { list in
                [
                    "this_update": .string(list.thisUpdate.description), "next_update": JSON(list.nextUpdate?.description),
                    "number": .string(Hex.encode(list.number)), "revoked": .int(Int64(list.revoked.count)),
                ]
            } ?? .null,
            "warnings": .array(warnings.map(JSON.string)),
        ]
    }

    private func draft(_ outcome: RevocationFolder.Outcome) -> TraceDraft {
        let event: TraceEvent =
            switch outcome.result {
            case .success: .trustListLoaded
            case .failure(.notFetched): .trustFetchFailed
            case .failure: .trustListRefused
            }
        var draft = TraceDraft(event, event == .trustListLoaded ? .info : .failed, at: time.now())
        draft.detail = Self.json(outcome, .english)
        return draft
    }

    private static func json(_ outcome: RevocationFolder.Outcome, _ language: Language) -> JSON {
        switch outcome.result {
        case .success(let list):
            .members([
                "file": .string(outcome.file), "accepted": true, "authority": .string(Hex.encode(list.authority)),
                "this_update": .string(list.thisUpdate.description), "next_update": JSON(list.nextUpdate?.description),
                "number": .string(Hex.encode(list.number)), "revoked": .int(Int64(list.entries)),
                "not_kept": outcome.notKept.map { .string($0.in(language)) }, "unchanged": list.isKnown ? true : nil,
            ])
        case .failure(let error):
            ["file": .string(outcome.file), "accepted": false, "detail": .string(error.text.in(language))]
        }
    }
}

extension AuthorityFault {
    /// As in the closed list of the API.
    fileprivate var name: String {
        switch self {
        case .expired: "certificate_expired"
        case .notYetValid: "certificate_not_yet_valid"
        case .weak: "certificate_weak"
        case .noPath: "certificate_untrusted"
        case .endsSoon: "certificate_ends_soon"
        }
    }
}
