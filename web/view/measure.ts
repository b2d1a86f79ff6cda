import { type RefObject, useEffect, useLayoutEffect, useState, useSyncExternalStore } from 'react'

/** The width of an element in steps of 20 pixels, so that a drawing is not made anew for each pixel of a resize. */
export function useWidth(element: RefObject<HTMLElement | null>, initial: number): number {
  const [width, setWidth] = useState(initial)
  useLayoutEffect(() => {
    const measured = element.current
    if (!measured) return
    const read = (): void => {
      const next = Math.max(320, Math.floor(measured.clientWidth / 20) * 20)
      if (measured.clientWidth > 0) setWidth(next)
    }
    read()
    const observer = new ResizeObserver(read)
    observer.observe(measured)
    return () => observer.disconnect()
  }, [element])
  return width
}

export function useMedia(media: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(media)
      query.addEventListener('change', changed)
      return () => query.removeEventListener('change', changed)
    },
    () => matchMedia(media).matches,
  )
}

export function useNarrow(): boolean {
  return useMedia('(max-width: 720px)')
}

/** The heading of the page that is being read. */
export function useCurrent(ids: readonly string[]): string | undefined {
  const [current, setCurrent] = useState<string>()
  useEffect(() => {
    const visible = new Set<string>()
    const observer = new IntersectionObserver(
      (changes) => {
        for (const { target, isIntersecting } of changes)
          if (isIntersecting) visible.add(target.id)
          else visible.delete(target.id)
        setCurrent(ids.find((id) => visible.has(id)))
      },
      { rootMargin: '-64px 0px -55% 0px' },
    )
    for (const id of ids) {
      const element = document.getElementById(id)
      if (element) observer.observe(element)
    }
    return () => observer.disconnect()
  }, [ids])
  return current
}
