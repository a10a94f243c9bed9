import { createSSRApp, computed, h, ref } from 'vue';
import { renderToString } from '@vue/server-renderer';

const Item = {
  props: ['label'],
  setup: props => () => h('li', { class: { long: props.label.length > 1 } }, props.label),
};

export default {
  async fetch() {
    const app = createSSRApp({
      setup() {
        const items = ref(['a', 'bb', '<c>']);
        const count = computed(() => items.value.length);
        return () => h('ul', { 'data-count': count.value }, items.value.map(label => h(Item, { label })));
      },
    });
    return new Response(await renderToString(app));
  },
};
