import { onHide, onPullDownRefresh, onShow, onUnload } from "@dcloudio/uni-app";
import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { wordsOf } from "@/api";
import { Declined, platform } from "@/platform";
import { learnBrand, paintBar } from "@/theme/brand";

/** A page's data on its way: none yet (a skeleton is shown), none because of `sorry`, or `data`. */
export interface PageState<Data> {
  data: ShallowRef<Data | undefined>;
  sorry: Ref<string>;
  /** Load again; what is shown stays until the answer is there. */
  reload(): Promise<void>;
}

/**
 * The data of a page: loaded when it is shown, again when it is pulled down or something changed elsewhere, and when the network is
 * back. A failure is shown in place of the page only if there is nothing to show; else as a toast.
 */
export function usePage<Data>(load: () => Promise<Data>): PageState<Data> {
  const data = shallowRef<Data>();
  const sorry = ref("");
  let latest = 0;
  let shown = false;

  async function reload(): Promise<void> {
    latest += 1;
    const mine = latest;
    try {
      void learnBrand();
      const found = await load();
      if (mine !== latest) return;
      data.value = found;
      sorry.value = "";
    } catch (error) {
      if (mine !== latest) return;
      if (data.value === undefined) sorry.value = wordsOf(error);
      else toast(wordsOf(error));
    }
  }

  const stops = [
    platform.onChanged(() => {
      if (shown) void reload();
    }),
    platform.onOnline(() => {
      if (shown && sorry.value) void reload();
    }),
  ];
  onShow(() => {
    shown = true;
    paintBar();
    void reload();
  });
  onHide(() => {
    shown = false;
  });
  onPullDownRefresh(() => {
    void reload().finally(() => uni.stopPullDownRefresh());
  });
  onUnload(() => {
    for (const stop of stops) stop();
  });
  return { data, sorry, reload };
}

/** What a tap does: `run` does nothing while it is under way, says a failure as a toast, and tells whether it was done. */
export interface Deed<Asked extends unknown[]> {
  busy: Ref<boolean>;
  run(...asked: Asked): Promise<boolean>;
}

/** A deed by the member, such as a sign-in. What the member declined in a dialog of the platform is no failure. */
export function useDeed<Asked extends unknown[]>(act: (...asked: Asked) => Promise<void>): Deed<Asked> {
  const busy = ref(false);
  async function run(...asked: Asked): Promise<boolean> {
    if (busy.value) return false;
    busy.value = true;
    try {
      await act(...asked);
      return true;
    } catch (error) {
      if (!(error instanceof Declined)) toast(wordsOf(error));
      return false;
    } finally {
      busy.value = false;
    }
  }
  return { busy, run };
}

/** A sentence over the page that goes away by itself. */
export function toast(sentence: string): void {
  uni.showToast({ title: sentence, icon: "none", duration: sentence.length > 14 ? 3500 : 2200 });
}

/** Open a page by its path. */
export function open(path: string): void {
  uni.navigateTo({ url: path });
}
