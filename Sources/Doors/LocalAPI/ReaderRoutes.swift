internal import APIContract
internal import Audit
internal import BreakGlass
internal import DegradedLogin
internal import Foundation
internal import Hummingbird
internal import LoginFlow
internal import MobileSessions
internal import Primitives
internal import Sessions
internal import Witness

extension LocalAPI {
    func addReaderRoutes(to group: RouterGroup<CallContext>) {
        group.get("status") { request, context in
            Answer.json(try await status(for: try context.caller(), Language(acceptLanguage: request.headers[.acceptLanguage])))
        }
        group.get("readers") { _, context in
            _ = try context.caller()
            return Answer.json(["readers": .array(await board.views.map(\.json)), "monitoring": .string(await board.monitoring)])
        }
        group.get("readers/:reader/card") { _, context in
            try await atSeat(.agentRefused, context)
            let view = try await board.freshView(of: try context.parameter("reader"))
            return Answer.json(await desk.appraised(view))
        }
        group.get("readers/:reader/card/objects") { _, context in
            try await atSeat(.agentRefused, context)
            return Answer.json(try await board.dataObjects(of: try context.parameter("reader")))
        }
    }

    /// The log, and who outside this machine vouches for it; `unanchored_since` is when the first trace was written that nobody vouches for.
    private func logState() async throws(Refusal) -> (json: JSON, warning: Text?) {
        let head = await ledger.head()
        do throws(LedgerFailure) {
            let seen = try await witnesses.view(size: head.size) { seq async throws(LedgerFailure) in
                guard let trace = try await audit.traces(from: seq, limit: 1).first else { return .null }
                return (try? JSONDecoder().decode(JSON.self, from: Data(trace.leaf)))?["time"] ?? .null
            }
            let rollback = try await audit.rollback()
            return (
                [
                    "size": .int(Int64(head.size)), "root": .string(Hex.encode(head.root)), "last_anchor": seen.last,
                    "unanchored_since": seen.unanchoredSince, "anchors": seen.anchors, "timestamp": seen.timestamp,
                    "rolled_back": rollback ?? .null, "reserve": audit.reserve?.json ?? .null,
                ], rollback.map(Self.warning(ofRollback:))
            )
        } catch {
            throw Refusal(.traceUnavailable)
        }
    }

    private static func warning(ofRollback rollback: JSON) -> Text {
        let (first, last) = (rollback["first"]?.int ?? 0, rollback["last"]?.int ?? 0)
        let (anchor, origin) = (rollback["anchor"]?.string ?? "", rollback["origin"]?.string ?? "")
        return Text(
            """
            Le journal a été ramené en arrière : les traces \(first) à \(last) ne sont pas celles dont l'ancre \(anchor) a les points de \
            contrôle. Comparer avec elle, noter la nouvelle clé (cpsctl audit key), puis régler audit.origin sur \(origin).
            """,
            """
            The log was rolled back: traces \(first) to \(last) are not those that anchor \(anchor) has checkpoints of. Compare with it, \
            note the new key (cpsctl audit key), then set audit.origin to \(origin).
            """)
    }

    private func status(for caller: Caller, _ language: Language) async throws(Refusal) -> JSON {
        let log = try await logState()
        let monitoring = await board.monitoring
        let readers = await board.views
        var warnings = facts.warnings() + readers.compactMap(\.warning)
        warnings += await trust.warnings
        warnings += await emergencies.warnings
        warnings += [await habilitation.warning, directory.warning, log.warning, degraded.rules.warning(at: time.now())].compactMap { $0 }
        return [
            "version": .string(facts.version), "api_version": .string(API.version),
            "health": .string(monitoring == "running" ? "ok" : "degraded"),
            "workstation": .string(facts.workstation), "issuer": .string(facts.issuer), "environment": .string(facts.environment),
            "monitoring": .string(monitoring), "readers": .array(readers.map(\.json)),
            "audit": log.json.with("forward", .array(await forwarding())),
            "revocation": await trust.summary, "clock": trust.clock,
            "modes": ["mobile": .bool(mobile.rules.isEnabled), "degraded": .bool(degraded.rules.isEnabled), "break_glass": true],
            "mobile": ["certificate": listenerCertificate(language)],
            "break_glass": await emergencies.counts,
            "cards": ["after_use": .string(facts.afterUse)],
            "pam": facts.pam, "clients": .string(facts.clients().in(language)), "client": .string(caller.client.name),
            "warnings": .array(warnings.map { .string($0.in(language)) }),
        ]
    }
}
