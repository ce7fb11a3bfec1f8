package import Primitives
package import Sessions

/// Which emergencies somebody wants to see.
package struct EmergencyQuery: Hashable, Sendable {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case active
        /// Over, and reviewed by nobody yet.
        case toReview = "to_review"
        case reviewed
    }

    package var state: State?
    /// A national identifier.
    package var person: String?
    package var isOverdue = false
    /// Id of the last one of the page before.
    package var after: String?
    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    func fits(_ emergency: Emergency, at now: Timestamp) -> Bool {
        switch state {
        case .active where !emergency.isActive: return false
        case .toReview where emergency.isActive || emergency.review != nil: return false
        case .reviewed where emergency.review == nil: return false
        default: break
        }
        if isOverdue, !emergency.isOverdue(at: now) { return false }
        return person.map { $0 == emergency.person } ?? true
    }
}

/// A page of emergencies, and where the next one begins; `nil` when there is no more.
package struct EmergencyPage: Hashable, Sendable {
    package let emergencies: [JSON]
    package let next: String?
}

extension EmergencyDesk {
    /// How many there are in each state, for `GET /v1/status`.
    package var counts: JSON {
        get async {
            let now = time.now()
            let active = await registry.emergencies.count
            let reciprocal = (try? await reviewPairs()).map { pairs in pairs.filter { pairs.contains($0.reversed) }.count / 2 }
            return [
                "active": .int(Int64(active)), "unreviewed": .int(Int64(unreviewed.count)),
                "overdue": .int(Int64(unreviewed.values.count { $0.dueAt <= now })),
                "reciprocal": reciprocal.map { .int(Int64($0)) } ?? .null,
            ]
        }
    }

    /// What a référent should see to.
    package var warnings: [Text] {
        let overdue = unreviewed.values.count { $0.dueAt <= time.now() }
        guard overdue > 0 else { return [] }
        return [
            Text(
                "Urgences non revues à temps : \(overdue) (cpsctl break-glass list --overdue).",
                "Emergencies not reviewed in time: \(overdue) (cpsctl break-glass list --overdue).")
        ]
    }

    /// A page of emergencies: of everybody, or of some persons.
    ///
    /// Those that nobody has reviewed, and those of one person, come in the order in which they were declared; all of them in the order of
    /// their ids.
    package func list(_ query: EmergencyQuery, of people: Set<String>?) async throws(LedgerFailure) -> EmergencyPage {
        let now = time.now()
        let limit = query.limit
        var found: [Emergency] = []
        if let people = people ?? query.person.map({ [$0] }) {
            for person in people.sorted() { found += try await records.records(.emergency, key: person).compactMap { Emergency($0.json) } }
        } else if query.state == .active || query.state == .toReview || query.isOverdue {
            found = try await records.openRecords(.emergency).compactMap { Emergency($0.json) }
        } else {
            return try await pages(query, at: now)
        }
        let live = await registry.emergencies.reduce(into: [:]) { $0[$1.id] = $1 }
        found = found.map { live[$0.id] ?? $0 }.filter { query.fits($0, at: now) }
            .sorted { ($0.declaredAt, $0.id) < ($1.declaredAt, $1.id) }
        if let after = query.after, let place = found.firstIndex(where: { $0.id == after }) { found.removeFirst(place + 1) }
        let next = found.count > limit ? found[limit - 1].id : nil
        return EmergencyPage(emergencies: try await told(Array(found.prefix(limit)), at: now), next: next)
    }

    private func pages(_ query: EmergencyQuery, at now: Timestamp) async throws(LedgerFailure) -> EmergencyPage {
        let live = await registry.emergencies.reduce(into: [:]) { $0[$1.id] = $1 }
        var (found, after) = ([Emergency](), query.after)
        while true {
            let page = try await records.records(.emergency, after: after, limit: 256)
            for record in page {
                guard let emergency = live[record.id] ?? Emergency(record.json), query.fits(emergency, at: now) else { continue }
                guard found.count < query.limit else {
                    return EmergencyPage(emergencies: try await told(found, at: now), next: found.last?.id)
                }
                found.append(emergency)
            }
            guard page.count == 256, let last = page.last else { break }
            after = last.id
        }
        return EmergencyPage(emergencies: try await told(found, at: now), next: nil)
    }

    /// One emergency as people see it; `nil` when there is none.
    package func shown(_ id: String) async throws(LedgerFailure) -> JSON? {
        guard let found = try await emergency(id) else { return nil }
        return try await told([found], at: time.now()).first
    }

    private func told(_ emergencies: [Emergency], at now: Timestamp) async throws(LedgerFailure) -> [JSON] {
        let pairs = try await reviewPairs()
        return emergencies.map { emergency in
            let pair = emergency.review.map { ReviewPair(reviewer: $0.by, person: emergency.person) }
            return emergency.json.with("overdue", .bool(emergency.isOverdue(at: now)))
                .with("reciprocal", .bool(pair.map { $0.reviewer != $0.person && pairs.contains($0.reversed) } ?? false))
        }
    }

    /// Who has ever reviewed whom. Read once; what comes after that is added as it happens.
    private func reviewPairs() async throws(LedgerFailure) -> Set<ReviewPair> {
        if let pairs { return pairs }
        var found: Set<ReviewPair> = []
        var after: String?
        while true {
            let page = try await records.records(.emergency, after: after, limit: 256)
            for emergency in page.compactMap({ Emergency($0.json) }) {
                guard let review = emergency.review, !review.isSelf else { continue }
                found.insert(ReviewPair(reviewer: review.by, person: emergency.person))
            }
            guard page.count == 256, let last = page.last else { break }
            after = last.id
        }
        // Somebody may have reviewed meanwhile.
        let all = found.union(pairs ?? [])
        pairs = all
        return all
    }
}

extension Emergency {
    func isOverdue(at now: Timestamp) -> Bool { review == nil && reviewDueAt <= now }
}
