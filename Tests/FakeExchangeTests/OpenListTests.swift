import Basics
import Testing

@testable import FakeExchange

@Suite("Lists of the venue")
struct OpenListTests {
  @Test
  func `Open orders leave in any order, and the rest keep theirs`() {
    var (list, plain) = (OpenList(), [Int]())
    var random = SplitMix(seed: 7)
    for _ in 0..<600 {
      let id = Int(random.next() % 40)
      let isRemoved = list.remove(id)
      #expect(isRemoved == plain.contains(id))
      if isRemoved {
        plain.removeAll { $0 == id }
      } else {
        list.append(id)
        plain.append(id)
      }
      #expect(list.filter { _ in true } == plain)
      #expect(list.count == plain.count && list.isEmpty == plain.isEmpty)
    }
    #expect(list.first { $0 % 2 == 1 } == plain.first { $0 % 2 == 1 })
  }

  @Test
  func `Pages keep what was appended and let it be changed, beyond the first of them`() {
    var pages = Pages<Int>()
    for number in 0..<700 { pages.append(number) }
    let before = pages
    pages[699] = -1
    pages[256] += 1
    #expect(pages.count == 700 && pages[255] == 255 && pages[256] == 257 && pages[699] == -1)
    #expect(Array(before) == Array(0..<700))
  }
}
