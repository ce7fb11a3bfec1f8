import Primitives
import Sessions
import Synchronization
import TestSupport
import Testing

/// An agent that is left alone rests long, and is there at once when it is wanted.
@Suite(.timeLimit(.minutes(5)))
struct AttentionTests {
    private let clock = ManualClock()

    /// How long the agent would rest.
    private func rest(_ attention: (Attention) -> Void = { _ in }, somebodyIsIn: Bool = false) async -> Duration? {
        let asked = Rests()
        let attending = Attention(clock) { asked.note($0) }
        attention(attending)
        await attending.rest(somebodyIsIn)
        return asked.last
    }

    private final class Rests: Sendable {
        private let list = Mutex<[Duration]>([])
        func note(_ rest: Duration) { list.withLock { $0.append(rest) } }
        var last: Duration? { list.withLock(\.last) }
    }

    @Test func leftAloneItRestsLong() async { #expect(await rest() == Attention.seldom) }

    @Test func whileSomebodyIsInItLooksOften() async { #expect(await rest(somebodyIsIn: true) == Attention.often) }

    @Test func afterACallItLooksOftenForAWhile() async {
        #expect(await rest({ $0.call() }) == Attention.often)
        #expect(
            await rest {
                $0.call(); clock.advance(seconds: 59)
            } == Attention.often)
        #expect(
            await rest {
                $0.call(); clock.advance(seconds: 60)
            } == Attention.seldom)
    }

    @Test func aCallEndsALongRest() async {
        let (began, begin) = AsyncStream<Void>.makeStream()
        let attention = Attention(clock) { _ in
            begin.yield()
            // Ends when its task is cancelled, by nothing else.
            let (silence, speaker) = AsyncStream<Void>.makeStream()
            for await _ in silence {}
            speaker.finish()
        }
        async let rested: Void = attention.rest(false)
        for await _ in began { break }
        attention.call()
        await rested
        #expect(attention.isCalledFor)
    }

    @Test func aRestEndsWithItsTask() async {
        let attention = Attention(clock) { do { try await Task.sleep(for: $0 * 1000) } catch {} }
        let rest = Task { await attention.rest(true) }
        rest.cancel()
        await rest.value
        #expect(!attention.isCalledFor)
    }
}
