internal import HTTPTypes
internal import Hummingbird
internal import LoginFlow
internal import MobileSessions
internal import NIOCore
internal import Primitives
internal import Sessions

extension LocalAPI {
    /// Server-sent events (HTML Living Standard §9.2): the state first, then what happens, in order.
    func addEventRoute(to group: RouterGroup<CallContext>) {
        group.get("events") { request, context in
            let caller = try context.caller()
            let last = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }.flatMap { UInt64($0) }
            return Response(
                status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
                body: ResponseBody { writer in
                    let subscription = hub.subscribe(uid: caller.uid, after: last)
                    defer { hub.unsubscribe(subscription.id) }
                    if let replay = subscription.replay, last != nil {
                        for event in replay { try await writer.write(Self.line(event.event, id: event.id)) }
                    } else {
                        if last != nil { try await writer.write(Self.line(Event(.gap, [:]), id: subscription.position)) }
                        try await writer.write(Self.line(await state(for: caller), id: subscription.position))
                    }
                    try await request.body.consumeWithCancellationOnInboundClose { _ in
                        // What still waits from before a state that was told is in that state.
                        var told = subscription.position
                        for await next in subscription.events where next.id > told {
                            if let newest = hub.takeLoss(subscription.id) {
                                told = newest
                                try await writer.write(Self.line(Event(.gap, [:]), id: newest))
                                try await writer.write(Self.line(await state(for: caller), id: newest))
                            } else {
                                try await writer.write(Self.line(next.event, id: next.id))
                            }
                        }
                    }
                    try await writer.finish(nil)
                })
        }
    }

    /// Everything that this caller may see now; what is not in it is gone.
    private func state(for caller: Caller) async -> Event {
        let views = await board.views
        return Event(
            .state,
            [
                "monitoring": .string(await board.monitoring), "readers": .array(views.map(\.json)),
                "cards": .array(views.filter { $0.cardState != .absent }.map(\.cardJSON)),
                "logins": .array(await desk.open(for: caller)),
                "sessions": .array(await registry.sessions(for: caller).map(\.json)),
                "pairings": .array(await mobile.openPairings(for: caller)),
                "break_glass": .array(await registry.emergencies.filter { $0.uid == caller.uid || caller.uid == 0 }.map(\.json)),
            ])
    }

    private static func line(_ event: Event, id: UInt64) -> ByteBuffer {
        let data = String(decoding: event.data.canonical, as: UTF8.self)
        return ByteBuffer(string: "id: \(id)\nevent: \(event.kind.rawValue)\ndata: \(data)\n\n")
    }
}
