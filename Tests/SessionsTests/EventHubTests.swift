import Primitives
import Sessions
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct EventHubTests {
    private func event(_ number: Int, uid: UInt32? = nil) -> Event { Event(.card, ["n": .int(Int64(number))], uid: uid) }

    private func numbers(_ events: some Sequence<EventHub.Numbered>) -> [Int64?] { events.map { $0.event.data["n"]?.int } }

    private func rest(_ subscription: EventHub.Subscription) async -> [Int64?] {
        var heard: [EventHub.Numbered] = []
        for await event in subscription.events { heard.append(event) }
        return numbers(heard)
    }

    @Test func eventsComeInOrder() async {
        let hub = EventHub(first: 1)
        let subscription = hub.subscribe(uid: 1000, after: nil)
        for number in 0..<100 { hub.publish(event(number)) }
        hub.finish()
        #expect(await rest(subscription) == (0..<100).map { Int64($0) })
    }

    @Test func usersHearTheirOwnEventsAndThoseForAll() async {
        let hub = EventHub(first: 1)
        let subscriptions = [1000, 1001, 0].map { hub.subscribe(uid: $0, after: nil) }
        hub.publish(event(1, uid: 1000))
        hub.publish(event(2, uid: 1001))
        hub.publish(event(3))
        hub.finish()
        #expect(await rest(subscriptions[0]) == [1, 3])
        #expect(await rest(subscriptions[1]) == [2, 3])
        #expect(await rest(subscriptions[2]) == [1, 2, 3])
    }

    @Test func slowListenerIsToldOfItsLossAndDelaysNobody() async {
        let hub = EventHub(first: 1)
        let (slow, quick) = (hub.subscribe(uid: 1000, after: nil), hub.subscribe(uid: 1000, after: nil))
        var heard = quick.events.makeAsyncIterator()
        for number in 0..<1000 {
            hub.publish(event(number))
            #expect(await heard.next()?.event.data["n"]?.int == Int64(number))
        }
        #expect(hub.takeLoss(quick.id) == nil)
        #expect(hub.takeLoss(slow.id) != nil)
        #expect(hub.takeLoss(slow.id) == nil)
        hub.finish()
        // What it still hears is the newest: nothing old comes after the state it is given.
        let kept = await rest(slow)
        #expect(kept.last == 999)
        #expect(kept.count < 1000)
        #expect(kept == (0..<kept.count).map { Int64(1000 - kept.count + $0) })
    }

    @Test func lastEventIDReplaysWhatWasMissed() async {
        let hub = EventHub(first: 100)
        for number in 0..<10 { hub.publish(event(number, uid: number % 2 == 0 ? 1000 : 1001)) }
        let subscription = hub.subscribe(uid: 1000, after: 103)
        #expect(subscription.replay.map { numbers($0) } == [4, 6, 8])
        #expect(subscription.position == 109)
        #expect(hub.subscribe(uid: 1000, after: 109).replay?.isEmpty == true)
    }

    @Test func newListenerGetsNoReplay() {
        let hub = EventHub(first: 100)
        hub.publish(event(1))
        #expect(hub.subscribe(uid: 1000, after: nil).replay?.isEmpty == true)
    }

    @Test(arguments: [UInt64(0), 98, 1112, 5000, .max])
    func lastEventIDThatIsTooOldOrUnknownReplaysNothing(last: UInt64) {
        let hub = EventHub(first: 100)
        // Ids 100 to 1111; the last 512 are kept.
        for number in 0..<1012 { hub.publish(event(number)) }
        #expect(hub.subscribe(uid: 1000, after: last).replay == nil)
    }

    @Test func oldestKeptEventIsTheLimitOfAReplay() {
        let hub = EventHub(first: 100)
        for number in 0..<1012 { hub.publish(event(number)) }
        #expect(hub.subscribe(uid: 1000, after: 599).replay?.count == 512)
        #expect(hub.subscribe(uid: 1000, after: 598).replay == nil)
    }

    @Test func idOfAnEarlierRunReplaysNothing() {
        #expect(EventHub(first: 5000).subscribe(uid: 1000, after: 4000).replay == nil)
    }

    @Test func unsubscribedListenerHearsNoMore() async {
        let hub = EventHub(first: 1)
        let subscription = hub.subscribe(uid: 1000, after: nil)
        hub.publish(event(1))
        hub.unsubscribe(subscription.id)
        hub.publish(event(2))
        #expect(await rest(subscription) == [1])
    }
}
