internal import Foundation
internal import Hummingbird
internal import LoginFlow
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addReaderRoutes(to group: RouterGroup<CallContext>) {
        group.get("status") { _, context in
            Answer.json(try await status(for: try context.caller()))
        }
        group.get("readers") { _, context in
            _ = try context.caller()
            return Answer.json(["readers": .array(await board.views.map(\.json)), "monitoring": .string(await board.monitoring)])
        }
        group.get("readers/:reader/card") { _, context in
            _ = try context.caller()
            let view = try await board.freshView(of: try context.parameter("reader"))
            return Answer.json(await desk.appraised(view))
        }
        group.get("readers/:reader/card/objects") { _, context in
            _ = try context.caller()
            return Answer.json(try await board.dataObjects(of: try context.parameter("reader")))
        }
    }

    /// When the first trace was written: so long nothing outside this machine has vouched for the log.
    private func beginning() async throws(Refusal) -> JSON {
        do throws(LedgerFailure) {
            guard let first = try await audit.traces(from: 0, limit: 1, actor: nil).first else { return .null }
            return (try? JSONDecoder().decode(JSON.self, from: Data(first.leaf)))?["time"] ?? .null
        } catch {
            throw Refusal(.traceUnavailable)
        }
    }

    private func status(for caller: Caller) async throws(Refusal) -> JSON {
        let head = await ledger.head()
        let monitoring = await board.monitoring
        let readers = await board.views
        return [
            "version": .string(facts.version), "health": .string(monitoring == "running" ? "ok" : "degraded"),
            "workstation": .string(facts.workstation), "issuer": .string(facts.issuer), "environment": .string(facts.environment),
            "monitoring": .string(monitoring), "readers": .array(readers.map(\.json)),
            "audit": [
                "size": .int(Int64(head.size)), "root": .string(Hex.encode(head.root)), "last_anchor": .null,
                "unanchored_since": try await beginning(), "reserve": audit.reserve?.json ?? .null,
            ],
            "revocation": await trust.summary, "clock": trust.clock,
            "modes": ["mobile": false, "degraded": false, "break_glass": false],
            "cards": ["after_use": .string(facts.afterUse)],
            "clients": .string(facts.clients), "client": .string(caller.client.name),
            "warnings": .array(
                (facts.warnings + (await trust.warnings) + readers.compactMap(\.warning)
                    + [await habilitation.warning, directory.warning].compactMap { $0 })
                    .map(JSON.string)),
        ]
    }
}
